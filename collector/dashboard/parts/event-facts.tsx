import type { Explanation } from '../../explain/explainEvent.ts'
import { formatInstant } from '../days.ts'
import { formatMoney } from '../format.ts'

const capital = (name: string) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`

/** Tags in words: `Placement`, `Segment plan`. */
function tagsOf(tags: Explanation['event']['tags']): [string, string][] {
  return Object.entries(tags).flatMap(([name, value]): [string, string][] =>
    typeof value === 'object'
      ? Object.entries(value).map(([key, text]) => [`${capital(name)} ${key}`, text])
      : [[capital(name), String(value)]],
  )
}

function viewOf({ ratio, ms, area }: { ratio: number; ms: number; area: number }): string {
  return `${Math.floor(ratio * 100)}\u00a0% of ${area}\u00a0px² for ${(ms / 1_000).toFixed(1)}\u00a0s`
}

/** What was told of an event, field by field; only what is there. */
export function EventFacts({ explanation: { event, witness, verdict } }: { explanation: Explanation }) {
  const facts: [string, string | undefined][] = [
    ['Event id', event.id],
    ['Order id', event.orderId],
    ['Lead id', event.leadId],
    ['Site', event.site],
    ['Verdict', verdict.code],
    ['Witness', witness.code],
    ['First received', formatInstant(event.receivedAt, event.timeZone)],
    ['Clock', event.clockAhead ? 'The sender’s clock ran ahead: the time of receipt stands' : undefined],
    ['Click id', event.clickId],
    ['Page', event.page],
    ['In view', event.view && `${viewOf(event.view)}${event.viewable ? ', viewable' : ', not viewable'}`],
    ...tagsOf(event.tags),
    ...(event.items ?? []).map(({ id, name, priceMinor, quantity }): [string, string] => [
      'Item',
      `${quantity} × ${name ?? id}${priceMinor !== undefined && event.currency ? `, ${formatMoney(priceMinor, event.currency)}` : ''}`,
    ]),
  ]
  return (
    <section aria-labelledby="facts">
      <div class="section-head">
        <h2 id="facts">What was told</h2>
      </div>
      <dl class="facts">
        {facts
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => (
            <div>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
