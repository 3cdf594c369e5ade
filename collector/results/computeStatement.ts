import { openBill } from '../money/bill.ts'
import { type Statement, type StatementLine, sealStatement } from '../money/statement.ts'
import { MODELS, termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayStart } from './days.ts'
import { pricing } from './pricing.ts'
import { spansOf } from './spans.ts'
import { addTotals, emptySums } from './sums.ts'

type Line = Omit<StatementLine, 'hash'>

/** What is owed for a campaign from one day to another (both included, its own calendar), line by line: a pure function of ledger and terms. */
export async function computeStatement(
  { campaign, from, to }: { campaign: Campaign; from: string; to: string },
  { store }: { store: Store },
): Promise<Statement> {
  const { id, currency, timeZone, terms } = campaign
  const { cuts, boundAt } = await pricing(campaign, { store, until: dayStart(addDays(to, 1), timeZone) })
  const { edges, dayOfInterval } = spansOf({ from, to, tz: timeZone, by: ['day'], filters: {} }, cuts)
  const rows = await store.totals({ campaign: id, edges, dimensions: [] })
  const bill = openBill(currency)
  const lines = new Map<string, Line>()
  let [owed, unbilled] = [0n, 0n]
  for (const [interval, day] of dayOfInterval.entries()) {
    const at = edges[interval] ?? 0
    const inForce = termsAt(terms, at)
    const sums = emptySums()
    for (const row of rows) if (row.interval === interval) addTotals(sums, row, currency)
    const parts = bill.byModel(inForce, sums, boundAt(at))
    if (day === null || !inForce) continue
    for (const { model, results, unbilled: over, dueMinor, unbilledMinor } of parts) {
      owed += dueMinor
      unbilled += unbilledMinor
      const key = `${day} ${model} ${inForce.version}`
      const line = lines.get(key) ?? { day, model, terms: inForce.version, results: 0, unbilled: 0, amountMinor: 0 }
      lines.set(key, line)
      line.results += results
      line.unbilled += over
      line.amountMinor += Number(dueMinor)
    }
  }
  const notCounted: Record<string, number> = {}
  const range = [dayStart(from, timeZone), dayStart(addDays(to, 1), timeZone)]
  for (const { values, count } of await store.totals({ campaign: id, edges: range, dimensions: ['verdict'] })) {
    const reason = values[0] ?? ''
    notCounted[reason] = (notCounted[reason] ?? 0) + count
  }
  const heading = { campaign: id, currency, timeZone, from, to, closed: false, owedMinor: Number(owed), unbilledMinor: Number(unbilled) }
  const ordered = [...lines.values()]
    .filter(({ results }) => results > 0)
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : MODELS.indexOf(a.model) - MODELS.indexOf(b.model) || a.terms - b.terms))
  const sortedReasons = Object.fromEntries(Object.entries(notCounted).sort(([a], [b]) => (a < b ? -1 : 1)))
  return sealStatement({ ...heading, notCounted: sortedReasons }, ordered)
}
