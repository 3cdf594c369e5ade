import { RefusalError } from '../errors.ts'
import { openBill } from '../money/bill.ts'
import { type Amounts, byPlace, correctionsOf } from '../money/corrections.ts'
import { type Statement, sealStatement } from '../money/statement.ts'
import { termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { pricing } from './pricing.ts'
import { spansOf } from './spans.ts'
import { addTotals, emptySums } from './sums.ts'

/** Both days included. */
interface Range {
  from: string
  to: string
}

/** What ledger and terms say of some days of a campaign, whatever is closed. */
export async function amountsOf({ id, currency, timeZone, terms }: Campaign, { from, to }: Range, store: Store): Promise<Amounts> {
  const until = dayStart(addDays(to, 1), timeZone)
  const { cuts, boundAt } = await pricing({ id, currency, timeZone, terms }, { store, until })
  const { edges, dayOfInterval } = spansOf({ from, to, tz: timeZone, by: ['day'] }, cuts)
  const rows = await store.totals({ campaign: id, edges, dimensions: [] })
  const counted = dayOfInterval.map(emptySums)
  for (const row of rows) {
    const sums = counted[row.interval]
    if (sums) addTotals(sums, row, currency)
  }
  const bill = openBill(currency)
  const lines = new Map<string, Amounts['lines'][number]>()
  let unbilledMinor = 0n
  for (const [interval, sums] of counted.entries()) {
    const at = edges[interval] ?? 0
    const day = dayOfInterval[interval] ?? null
    const inForce = termsAt(terms, at)
    const parts = bill.byModel(inForce, sums, boundAt(at))
    if (day === null || !inForce) continue
    for (const part of parts) {
      if (part.results === 0) continue
      unbilledMinor += part.unbilledMinor
      const { version } = inForce
      const key = `${day} ${part.model} ${version}`
      const line = lines.get(key) ?? { day, model: part.model, terms: version, results: 0, unbilled: 0, amountMinor: 0 }
      lines.set(key, line)
      line.results += part.results
      line.unbilled += part.unbilled
      line.amountMinor += Number(part.dueMinor)
    }
  }
  return { lines: [...lines.values()].sort(byPlace), unbilledMinor }
}

/** Results of some days that were not counted, by reason. */
async function notCountedIn({ id, timeZone }: Campaign, { from, to }: Range, store: Store): Promise<Record<string, number>> {
  const edges = [dayStart(from, timeZone), dayStart(addDays(to, 1), timeZone)]
  const reasons = new Map<string, number>()
  for (const { values, count } of await store.totals({ campaign: id, edges, dimensions: ['verdict'] })) {
    const reason = values[0] ?? ''
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
  }
  return Object.fromEntries([...reasons].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * What is owed for a campaign from one day to another (its own calendar), line by line: a pure function of ledger, terms and closed statements.
 *
 * A closed period is given as it was closed. The period that follows the last closed one carries the corrections of all that are closed, so that what all
 * periods owe adds up. Throws RefusalError for days of which some are closed and some are not.
 */
export async function computeStatement(
  { campaign, from, to }: { campaign: Campaign } & Range,
  { store, closed }: { store: Store; closed: Statement[] },
): Promise<Statement> {
  const known = closed.find((one) => one.from === from && one.to === to)
  if (known) return known
  const overlapping = closed.find((one) => from <= one.to && one.from <= to)
  const [first] = closed
  if (overlapping ?? (first && to < first.from ? first : undefined)) {
    const { from: start, to: end } = overlapping ?? (first as Statement)
    const message = overlapping
      ? `${start} to ${end} is closed; ask for just these days, or for later ones`
      : `what occurred before ${start}, where the first closed period begins, and came after it was closed, is a correction in the open period`
    throw new RefusalError('invalid_filter', `from: ${message}`, 'from')
  }
  return sealStatement(...(await openStatement({ campaign, from, to }, { store, closed, isClosing: false })))
}

/** What is older than the first closed period came late, and is corrected with it. */
async function firstDay({ id, timeZone }: Campaign, first: string, store: Store): Promise<string> {
  const at = await store.firstAt(id)
  const day = at === undefined ? first : dayOf(at, timeZone)
  return day < first ? day : first
}

/** The statement of a period that is to be closed. */
export async function closingStatement(
  given: { campaign: Campaign } & Range,
  dependencies: { store: Store; closed: Statement[] },
): Promise<Statement> {
  return sealStatement(...(await openStatement(given, { ...dependencies, isClosing: true })))
}

async function openStatement(
  { campaign, from, to }: { campaign: Campaign } & Range,
  { store, closed, isClosing }: { store: Store; closed: Statement[]; isClosing: boolean },
): Promise<Parameters<typeof sealStatement>> {
  const { id, currency, timeZone } = campaign
  const [first, last] = [closed[0], closed.at(-1)]
  const follows = first && last && from === addDays(last.to, 1)
  const own = await amountsOf(campaign, { from, to }, store)
  const corrections = follows
    ? correctionsOf(closed, await amountsOf(campaign, { from: await firstDay(campaign, first.from, store), to: last.to }, store))
    : { lines: [], unbilledMinor: 0n }
  const lines = [...own.lines, ...corrections.lines]
  const heading = {
    campaign: id,
    currency,
    timeZone,
    from,
    to,
    closed: isClosing,
    ...(follows && { previous: last.hash }),
    owedMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    unbilledMinor: Number(own.unbilledMinor + corrections.unbilledMinor),
    notCounted: await notCountedIn(campaign, { from, to }, store),
  }
  return [heading, lines]
}
