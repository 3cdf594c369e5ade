import type { ResultRow } from '../../results/results.ts'
import { formatAmount, formatCount, formatPercent, formatRatio, NOTHING } from '../format.ts'
import { overviewHref, type View } from '../links.ts'
import { SPLITS, splitName } from '../split.ts'
import { groupByCurrency } from '../totals.ts'
import { Numeric, TableFrame } from './table.tsx'

const COLUMNS = ['Impressions', 'Viewable', 'Clicks', 'CTR', 'Signups', 'Purchases', 'Revenue', 'Owed', 'ROAS']

/** One campaign's results by placement or whatever was chosen. */
export function SplitTable({ rows, view }: { rows: ResultRow[]; view: View }) {
  const split = view.split ?? SPLITS[0]
  const currency = rows.find((row) => row.currency !== null)?.currency ?? null
  const segment = split.startsWith('segment.') ? split.slice('segment.'.length) : ''
  return (
    <section aria-labelledby="split" data-key="split">
      <div class="section-head">
        <h2 id="split">By {splitName(split).toLowerCase()}</h2>
        {currency && <p class="unit">Amounts in {currency}</p>}
        <div class="splits">
          <nav aria-label="Split by">
            <ul class="presets">
              {SPLITS.map((each) => (
                <li>
                  <a href={overviewHref(view, { split: each })} {...(each === split && { 'aria-current': 'true' as const })}>
                    {splitName(each)}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <form class="segment" method="get" action="/dashboard">
            <input type="hidden" name="campaign" value={view.campaign ?? ''} />
            <input type="hidden" name="from" value={view.range.from} />
            <input type="hidden" name="to" value={view.range.to} />
            {view.metric && <input type="hidden" name="metric" value={view.metric} />}
            <input name="segment" value={segment} placeholder="segment" aria-label="Name of a segment" maxlength={128} required />
            <button type="submit">Split</button>
          </form>
        </div>
      </div>
      {rows.length === 0 ? (
        <p class="empty">No results in this period.</p>
      ) : (
        <TableFrame id="split-table" label={`By ${splitName(split).toLowerCase()}`}>
          <table class="ledger">
            <caption class="unseen">Results and amounts by {split}</caption>
            <thead>
              <tr>
                <th scope="col">{splitName(split)}</th>
                {COLUMNS.map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {groupByCurrency(rows)
                .flatMap((group) => group.rows)
                .map((row) => (
                  <Row row={row} value={row[split]} />
                ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  )
}

function Row({ row, value }: { row: ResultRow; value: unknown }) {
  const { currency } = row
  const name = typeof value === 'string' && value !== '' ? value : null
  return (
    <tr data-key={`split-${name ?? ''}`}>
      <th scope="row">{name ?? <span class="muted">None</span>}</th>
      <Numeric>{formatCount(row.impressions)}</Numeric>
      <Numeric>{formatCount(row.viewable)}</Numeric>
      <Numeric>{formatCount(row.clicks)}</Numeric>
      <Numeric>{formatPercent(row.ctr)}</Numeric>
      <Numeric>{formatCount(row.signups)}</Numeric>
      <Numeric>{formatCount(row.purchases)}</Numeric>
      <Numeric>{currency ? formatAmount(row.revenueMinor ?? 0, currency) : NOTHING}</Numeric>
      <Numeric>{currency ? formatAmount(row.costMinor ?? 0, currency) : NOTHING}</Numeric>
      <Numeric>{formatRatio(row.roas)}</Numeric>
    </tr>
  )
}
