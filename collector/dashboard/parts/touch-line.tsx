import type { ExplainedCredit } from '../../explain/explainCredit.ts'
import type { Explanation } from '../../explain/explainEvent.ts'
import type { JudgedTouch } from '../../explain/judgeTouches.ts'
import { formatInstant } from '../days.ts'

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** `3 days 4 hours before`, in the two largest units; `at the same moment` under a second. */
export function formatAge(ageMs: number): string {
  let left = Math.abs(ageMs)
  const parts: string[] = []
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(left / ms)
    left -= count * ms
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  if (parts.length === 0) return 'at the same moment'
  return `${parts.join(' ')} ${ageMs < 0 ? 'after' : 'before'}`
}

const days = (count: number) => (count === 1 ? '1 day' : `${count} days`)

/** The touches of a conversion on a line of time, oldest first, the conversion at its end. */
export function TouchLine({ credit, event }: { credit: ExplainedCredit; event: Explanation['event'] }) {
  const before = credit.touches.filter(({ ageMs }) => ageMs >= 0)
  const after = credit.touches.filter(({ ageMs }) => ageMs < 0)
  return (
    <section aria-labelledby="touches">
      <div class="section-head">
        <h2 id="touches">Touches</h2>
        <p class="unit">Ads that this visitor saw or clicked, as the device kept them</p>
      </div>
      {credit.differs && <p class="notice">{credit.differs}</p>}
      {credit.touches.length === 0 && (
        <p class="empty">No touch came with it: this visitor had no contact with a campaign, or the device kept none.</p>
      )}
      {credit.touches.length > 0 && (
        <ol class="line">
          {before.map((touch) => (
            <Item touch={touch} timeZone={event.timeZone} />
          ))}
          <li class="end">
            <p class="when">{formatInstant(event.occurredAt, event.timeZone)}</p>
            <p class="what">
              <b>{event.type === 'purchase' ? 'Purchase' : 'Signup'}</b>
            </p>
            <p class="why">{credit.campaign === null ? credit.why : `Credited to ${credit.campaign}. ${credit.why}`}</p>
          </li>
          {after.map((touch) => (
            <Item touch={touch} timeZone={event.timeZone} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Item({ touch, timeZone }: { touch: JudgedTouch; timeZone: string }) {
  const { type, campaign, at, ageMs, windowDays, inWindow, won, why } = touch
  const tags = [touch.placement, [touch.source, touch.medium].filter(Boolean).join(' / '), touch.content, touch.term].filter(Boolean)
  return (
    <li class={won ? 'won' : 'lost'}>
      <p class="when">
        <time datetime={at}>{formatInstant(at, timeZone)}</time>
        <small class="note">{formatAge(ageMs)}</small>
      </p>
      <p class="what">
        <b>{type === 'click' ? 'Click' : 'Viewed impression'}</b> of {campaign} {won && <span class="badge now">credit</span>}
        {tags.length > 0 && <small class="note">{tags.join(' · ')}</small>}
      </p>
      <p class="why">
        {why}
        <small class="note">
          Window {days(windowDays)}: {inWindow ? 'inside' : 'outside'}
        </small>
      </p>
    </li>
  )
}
