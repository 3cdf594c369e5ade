import { type Counted, openBill } from '../money/bill.ts'
import { termsAt } from '../money/terms.ts'
import type { Registry } from '../registry.ts'
import type { Dimension, Store, TotalsRow } from '../store/store.ts'
import type { VitalsRow } from '../store/vitals.ts'
import { cashView } from './cashView.ts'
import { addDays, dayCount, dayStart } from './days.ts'
import type { Group } from './groups.ts'
import { pricing } from './pricing.ts'
import { NONE, type ResultsQuery } from './query.ts'
import { type ResultRow, type ResultsAnswer, toRow } from './results.ts'
import { spansOf } from './spans.ts'
import { addSums, addTotals, emptySums } from './sums.ts'
import { vitalsOf } from './vitals.ts'
import { besideSpend } from './withSpend.ts'

interface Dependencies {
  store: Store
  registry: Registry
  now: number
}

/** Events without the one dimension asked for: totals do not hold them, they are the whole less the rest. */
function residual(whole: TotalsRow[], split: TotalsRow[]): TotalsRow[] {
  const keyOf = ({ interval, site, type, currency }: TotalsRow) => JSON.stringify([interval, site, type, currency])
  const rest = new Map(whole.map((row) => [keyOf(row), { ...row, values: [null] as (string | null)[] }]))
  for (const row of split) {
    const left = rest.get(keyOf(row))
    if (!left) continue
    left.count -= row.count
    left.viewable -= row.viewable
    left.valueMinor -= row.valueMinor
  }
  return [...rest.values()].filter(({ count }) => count !== 0)
}

/** The one currency of a campaign: its own, or for one that is not set up the first by name of what was bought. */
function currencyOf(campaign: string, rows: TotalsRow[], registry: Registry): string | null {
  const bought = rows.filter(({ type, currency }) => type === 'purchase' && currency !== null).map(({ currency }) => currency)
  return registry.campaign(campaign)?.currency ?? bought.sort()[0] ?? null
}

type ByInterval = Map<number, TotalsRow[]>

/** The groups of one campaign, with what is owed for each. */
async function campaignGroups(campaign: string, query: ResultsQuery, { store, registry }: Dependencies): Promise<Group[]> {
  const setUp = registry.campaign(campaign)
  const versions = setUp?.terms ?? []
  const priced = setUp && (await pricing(setUp, { store, until: dayStart(addDays(query.to, 1), query.tz) }))
  const { edges, dayOfInterval } = spansOf(query, priced?.cuts ?? [])
  const filtered = Object.keys(query.filters) as Dimension[]
  const split = query.by.filter((name) => name !== 'campaign' && name !== 'site' && name !== 'day')
  const dimensions = [...new Set([...split, ...filtered])].sort()
  const whole = await store.totals({ campaign, edges, dimensions: [] })
  let rows = whole
  if (dimensions.length > 0) {
    const before = dayOfInterval.indexOf(query.from)
    const split = await store.totals({ campaign, edges: edges.slice(before), dimensions })
    rows = split.map((row) => ({ ...row, interval: row.interval + before }))
  }
  if (dimensions.length === 1) rows = [...rows, ...residual(whole, rows)]

  const isWanted = ({ site, values }: TotalsRow) =>
    (query.site === undefined || site === query.site) &&
    dimensions.every((name, i) => query.filters[name] === undefined || query.filters[name] === (values[i] ?? NONE))
  const currency = currencyOf(campaign, whole, registry)
  const bill = openBill(currency ?? '')
  const groups = new Map<string, Group>()
  const [wholeOf, rowsOf] = [whole, rows].map((list) => Map.groupBy(list, ({ interval }) => interval)) as [ByInterval, ByInterval]
  for (let interval = 0; interval + 1 < edges.length; interval++) {
    const inAll = emptySums()
    for (const row of wholeOf.get(interval) ?? []) addTotals(inAll, row, currency)
    // All parts in one order, whichever are asked for: what one costs does not depend on the question.
    const cells = (dayOfInterval[interval] === null ? [] : (rowsOf.get(interval) ?? []))
      .map((row) => ({ row, place: JSON.stringify([row.values, row.site, row.type, row.currency]), sums: emptySums() }))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
    for (const { row, sums } of cells) addTotals(sums, row, currency)
    const at = edges[interval] ?? 0
    const prices = bill.price(
      termsAt(versions, at),
      cells.map(({ sums }): Counted => sums),
      inAll,
      priced?.boundAt(at),
    )
    for (const [i, { row, sums }] of cells.entries()) {
      sums.costMinor = prices[i]?.dueMinor ?? 0n
      sums.unbilledMinor = prices[i]?.unbilledMinor ?? 0n
      if (!isWanted(row)) continue
      const key: Group['key'] = {}
      for (const name of query.by) {
        if (name === 'campaign') key.campaign = campaign || null
        else if (name === 'site') key.site = row.site
        else if (name === 'day') key.day = dayOfInterval[interval] ?? null
        else key[name] = row.values[dimensions.indexOf(name)] ?? null
      }
      const id = JSON.stringify(key)
      const group = groups.get(id) ?? { key, currency, sums: emptySums() }
      groups.set(id, group)
      addSums(group.sums, sums)
    }
  }
  return [...groups.values()]
}

async function notCounted(campaigns: string[], query: ResultsQuery, store: Store): Promise<Record<string, number>> {
  const edges = [dayStart(query.from, query.tz), dayStart(addDays(query.to, 1), query.tz)]
  const filtered = Object.keys(query.filters) as Dimension[]
  const reasons: Record<string, number> = {}
  for (const campaign of campaigns) {
    for (const { site, values, count } of await store.totals({ campaign, edges, dimensions: ['verdict', ...filtered] })) {
      const [reason, ...rest] = values
      if (query.site !== undefined && site !== query.site) continue
      if (!filtered.every((name, i) => query.filters[name] === (rest[i] ?? NONE))) continue
      reasons[reason ?? ''] = (reasons[reason ?? ''] ?? 0) + count
    }
  }
  return reasons
}

/** Lays beside each row how fast its landing pages were. Vitals know campaign, site and day of a page view, and nothing else of its visitor. */
async function withVitals(
  rows: ResultRow[],
  { query: { by, from, to, tz, site, filters }, campaigns, store }: { query: ResultsQuery; campaigns: string[]; store: Store },
): Promise<ResultRow[]> {
  if (!by.every((name) => ['campaign', 'site', 'day'].includes(name)) || Object.keys(filters).length > 0) return rows
  const days = by.includes('day') ? Array.from({ length: dayCount(from, to) }, (_, i) => addDays(from, i)) : [from]
  const edges = [...days, addDays(to, 1)].map((day) => dayStart(day, tz))
  const measured: (VitalsRow & { campaign: string | null; day: string | undefined })[] = []
  for (const campaign of campaigns) {
    for (const row of await store.vitals({ campaign, edges })) {
      if (site === undefined || row.site === site) measured.push({ ...row, campaign: campaign || null, day: days[row.interval] })
    }
  }
  return rows.map((row) => {
    const vitals = vitalsOf(measured.filter((one) => by.every((name) => row[name] === one[name as 'day'])))
    return vitals ? { ...row, vitals } : row
  })
}

/** One group for one key and currency: amounts of different currencies are never added. */
function mergeGroups(groups: Group[]): Group[] {
  const currencies = new Set(groups.flatMap(({ currency }) => currency ?? []))
  // Results of campaigns that are not set up have no currency of their own; where there is only one, they take it.
  const only = currencies.size === 1 ? [...currencies].join() : null
  const merged = new Map<string, Group>()
  for (const { key, currency, sums } of groups) {
    const own = currency ?? only
    const id = JSON.stringify([key, own])
    const group = merged.get(id) ?? { key, currency: own, sums: emptySums() }
    merged.set(id, group)
    addSums(group.sums, sums)
  }
  return [...merged.values()]
}

function totalsRow(groups: Group[]): ResultsAnswer['totals'] {
  const sums = emptySums()
  for (const group of groups) addSums(sums, group.sums)
  const currencies = [...new Set(groups.flatMap(({ currency }) => currency ?? []))].sort()
  const row = toRow({}, currencies[0] ?? null, sums)
  if (currencies.length < 2) return row
  const byCurrency = Object.fromEntries(
    currencies.map((currency) => {
      const own = emptySums()
      for (const group of groups) if (group.currency === currency) addSums(own, group.sums)
      const { revenueMinor, costMinor } = toRow({}, currency, own)
      return [currency, { revenueMinor: revenueMinor ?? 0, costMinor: costMinor ?? 0 }]
    }),
  )
  const unknown = { revenueMinor: null, costMinor: null, currency: null, cpm: null, cpc: null, cpl: null, cps: null, aov: null, roas: null }
  return { ...row, ...unknown, currencies: byCurrency }
}

/** Answers a results query: exact counts and what is owed for them. Rows are sorted by the keys asked for, in their order. */
export async function computeResults(query: ResultsQuery, dependencies: Dependencies): Promise<ResultsAnswer> {
  const { store, registry, now } = dependencies
  const seen = await store.campaigns()
  const campaigns = query.campaign === undefined ? seen : seen.filter((id) => (id || NONE) === query.campaign)
  const groups: Group[] = []
  for (const campaign of campaigns) {
    const groupsOf = (asked: ResultsQuery, from: Store) => campaignGroups(campaign, asked, { ...dependencies, store: from })
    groups.push(...(await (query.view === 'cash' ? cashView(campaign, { query, store, groupsOf }) : groupsOf(query, store))))
  }
  const counted = mergeGroups(groups).map(({ key, currency, sums }): ResultRow => toRow(key, currency, sums))
  const spend = besideSpend(query, registry)
  const rows = spend.withSpend(await withVitals(counted, { query, campaigns, store })).sort((a, b) => compareKeys(a, b, query.by))
  const filters = { ...query.filters, ...(query.campaign && { campaign: query.campaign }), ...(query.site && { site: query.site }) }
  const end = dayStart(addDays(query.to, 1), query.tz) - 1
  const windows = Object.fromEntries(campaigns.filter((id) => id !== '').map((id) => [id, registry.windowsAt(id, end)]))
  return {
    query: {
      from: query.from,
      to: query.to,
      tz: query.tz,
      by: query.by,
      model: 'last',
      view: query.view,
      windows,
      filters,
      asOf: new Date(now).toISOString(),
    },
    rows,
    totals: spend.totalWithSpend(totalsRow(groups)),
    notCounted: await notCounted(campaigns, query, store),
    ...(spend.conversion && { conversion: spend.conversion }),
  }
}

function compareKeys(a: ResultRow, b: ResultRow, by: string[]): number {
  for (const name of [...by, 'currency']) {
    const [left, right] = [String(a[name] ?? ''), String(b[name] ?? '')]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
