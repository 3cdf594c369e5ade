import type { ExplainedRow } from '../../explain/explainEvent.ts'
import { formatInstant } from '../days.ts'
import { formatMoney } from '../format.ts'

const CHANGES: Record<string, string> = {
  verdict: 'verdict',
  witness: 'witness',
  campaign: 'campaign',
  value: 'value',
  currency: 'currency',
  tags: 'tags',
  viewable: 'viewability',
  evidence: 'details',
}

/** The rows that an event has in the ledger: nothing is overwritten, a later report adds one. */
export function EventHistory({ history, timeZone }: { history: ExplainedRow[]; timeZone: string }) {
  return (
    <section aria-labelledby="history">
      <div class="section-head">
        <h2 id="history">In the ledger</h2>
      </div>
      <dl class="reasons">
        {history.map(({ seq, replaces, receivedAt, verdict, witness, valueMinor, currency, changed }) => (
          <div>
            <dt>Row {seq}</dt>
            <dd class="n">{formatInstant(receivedAt, timeZone)}</dd>
            <dd class="why">
              {replaces === null ? 'First report' : `Replaces row ${replaces} (new: ${changed.map((name) => CHANGES[name]).join(', ')})`}:{' '}
              {verdict}, by {witness === 'both' ? 'browser and server' : witness}
              {valueMinor !== null && currency !== null && `, ${formatMoney(valueMinor, currency)}`}.
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
