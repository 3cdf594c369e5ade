import type { ResultRow } from '../../results/results.ts'
import { formatWeekday } from '../days.ts'
import { formatAmount, formatCount } from '../format.ts'
import { type Sums, sumRows } from '../totals.ts'
import { Numeric, TableFrame } from './table.tsx'

/** All campaigns together, a row for each day, newest first, and a pair of columns for each currency. */
export function DaysTable({ days, rows }: { days: string[]; rows: ResultRow[] }) {
  const currencies = [...new Set(rows.flatMap(({ currency }) => currency ?? []))].sort()
  const byDay = Map.groupBy(rows, (row) => row.day)
  return (
    <TableFrame id="days-table" label="Figures per day">
      <table>
        <caption class="unseen">Results and amounts per day, all campaigns together</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Impressions</th>
            <th scope="col">Clicks</th>
            <th scope="col">Signups</th>
            <th scope="col">Purchases</th>
            {currencies.map((currency) => (
              <>
                <th scope="col">Revenue {currency}</th>
                <th scope="col">Owed {currency}</th>
              </>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map((day) => (
            <tr data-key={day}>
              <th scope="row">
                <time datetime={day}>{formatWeekday(day)}</time>
              </th>
              <Cells rows={byDay.get(day) ?? []} currencies={currencies} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr class="total">
            <th scope="row">Total</th>
            <Cells rows={rows} currencies={currencies} />
          </tr>
        </tfoot>
      </table>
    </TableFrame>
  )
}

function Cells({ rows, currencies }: { rows: ResultRow[]; currencies: string[] }) {
  const all: Sums = sumRows(rows)
  return (
    <>
      <Numeric>{formatCount(all.impressions)}</Numeric>
      <Numeric>{formatCount(all.clicks)}</Numeric>
      <Numeric>{formatCount(all.signups)}</Numeric>
      <Numeric>{formatCount(all.purchases)}</Numeric>
      {currencies.map((currency) => {
        const { revenueMinor, costMinor } = sumRows(rows.filter((row) => row.currency === currency))
        return (
          <>
            <Numeric>{formatAmount(revenueMinor, currency)}</Numeric>
            <Numeric>{formatAmount(costMinor, currency)}</Numeric>
          </>
        )
      })}
    </>
  )
}
