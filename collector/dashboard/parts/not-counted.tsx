import type { Verdict } from '../../store/store.ts'
import { formatCount } from '../format.ts'

const REASONS: Record<Exclude<Verdict, 'counted'>, { name: string; why: string }> = {
  test: { name: 'Test', why: 'Marked as a test, or sent from a page on localhost.' },
  bot: { name: 'Bot', why: 'The user agent is empty or says that it is a bot.' },
  automation: { name: 'Automation', why: 'The browser said that a program drives it.' },
  prefetch: { name: 'Prefetch', why: 'The browser fetched the page ahead; nobody may have seen it.' },
  double_click: { name: 'Double click', why: 'The same visitor had clicked the same ad moments before.' },
  repeat_click: { name: 'Repeat click', why: 'The same visitor had clicked this campaign within its repeat time.' },
  rate: { name: 'Click rate', why: 'One visitor clicked a campaign more often than its click limits allow.' },
  reversed: { name: 'Reversed', why: 'Refunded, cancelled or rejected after it was reported.' },
  pending: { name: 'Pending', why: 'Waits for approval within the validation period of the campaign.' },
}

/** What came in and does not count, by reason, most frequent first. */
export function NotCounted({ notCounted }: { notCounted: Record<string, number> }) {
  const reasons = Object.entries(notCounted)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
  return (
    <section aria-labelledby="not-counted" data-key="not-counted">
      <div class="section-head">
        <h2 id="not-counted">Not counted</h2>
      </div>
      {reasons.length === 0 ? (
        <p class="empty">Everything that came in for this period is counted.</p>
      ) : (
        <dl class="reasons">
          {reasons.map(([reason, count]) => {
            const known = Object.entries(REASONS).find(([verdict]) => verdict === reason)?.[1]
            return (
              <div data-key={`reason-${reason}`}>
                <dt>{known?.name ?? reason}</dt>
                <dd class="n" data-figure>
                  {formatCount(count)}
                </dd>
                {known && <dd class="why">{known.why}</dd>}
              </div>
            )
          })}
        </dl>
      )}
    </section>
  )
}
