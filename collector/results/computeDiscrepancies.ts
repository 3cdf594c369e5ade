import type { Registry } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { addDays, dayCount, dayStart } from './days.ts'

/** A platform's number against ours. */
export interface Compared {
  /** Null where the platform gave none. */
  platform: number | null
  /** What counts. */
  ours: number
  /** Ours less the platform's; null without one. */
  difference: number | null
  /** The difference in per cent of the platform's number, to four decimals; null over nothing. */
  percent: number | null
}

/** One day of a campaign at one platform. */
export interface Discrepancy {
  source: string
  campaign: string
  /** `YYYY-MM-DD`. */
  day: string
  clicks: Compared
  impressions: Compared
  /** Ours are signups and purchases together. */
  conversions: Compared
  /** Clicks in our ledger that do not count, by reason. */
  notCounted: Record<string, number>
}

export interface Discrepancies {
  query: { from: string; to: string; tz: string | null; campaign?: string; source?: string; asOf: string }
  /** By day, source and campaign: days with a platform's word, and those between on which we counted something of what is bought there. */
  rows: Discrepancy[]
  /** Over the rows in which both sides have a number. */
  totals: Pick<Discrepancy, 'clicks' | 'impressions' | 'conversions'>
  /** Over all rows. */
  notCounted: Record<string, number>
}

export interface DiscrepancyQuery {
  from: string
  to: string
  /** Of our days; null: each campaign's own. */
  tz: string | null
  campaign?: string | undefined
  source?: string | undefined
}

const COUNTS = ['clicks', 'impressions', 'conversions'] as const
type Count = (typeof COUNTS)[number]

const TYPES: Record<string, Count> = { click: 'clicks', impression: 'impressions', signup: 'conversions', purchase: 'conversions' }

/** Both sides of one row. */
interface Sides {
  platform: Partial<Record<Count, number>>
  ours: Record<Count, number>
  notCounted: Record<string, number>
}

/** Parts of conversions are added in binary. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4

function compared(platform: number | undefined, ours: number): Compared {
  if (platform === undefined) return { platform: null, ours, difference: null, percent: null }
  const difference = rounded(ours - platform)
  return { platform: rounded(platform), ours, difference, percent: platform === 0 ? null : rounded((difference / platform) * 100) }
}

function totalOf(rows: Discrepancy[], name: Count): Compared {
  const both = rows.map((row) => row[name]).filter(({ platform }) => platform !== null)
  if (both.length === 0) return compared(undefined, 0)
  return compared(
    both.reduce((sum, { platform }) => sum + (platform ?? 0), 0),
    both.reduce((sum, { ours }) => sum + ours, 0),
  )
}

/** Clicks of a campaign that do not count, by source and reason, in the intervals between edges. */
async function uncountedClicks(campaign: string, { edges, store }: { edges: number[]; store: Store }) {
  const found: { interval: number; source: string; reason: string; count: number }[] = []
  const reasons = await store.totals({ campaign, edges, dimensions: ['verdict'] })
  for (const interval of new Set(reasons.filter(({ type }) => type === 'click').map((row) => row.interval))) {
    // Source and reason together come from the ledger: a day at a time, between which others are served.
    await new Promise((resolve) => setImmediate(resolve))
    const rows = await store.totals({ campaign, edges: edges.slice(interval, interval + 2), dimensions: ['source', 'verdict'] })
    for (const { type, values, count } of rows) {
      const [source, reason] = values
      if (type === 'click' && source != null && reason != null) found.push({ interval, source, reason, count })
    }
  }
  return found
}

/** Reasons in the order of their names, so that the same question gives the same bytes. */
const sorted = (reasons: Record<string, number>) => Object.fromEntries(Object.entries(reasons).sort(([a], [b]) => (a < b ? -1 : 1)))

/** What platforms say they delivered against what our ledger counts, and what it does not count and why: a row per day, source and campaign. */
export async function computeDiscrepancies(
  query: DiscrepancyQuery,
  { store, registry, now }: { store: Store; registry: Registry; now: number },
): Promise<Discrepancies> {
  const { from, to, campaign, source } = query
  const days = Array.from({ length: dayCount(from, to) }, (_, i) => addDays(from, i))
  const spent = registry.spend.rows({ campaign, source, from, to })
  const rows: Discrepancy[] = []
  for (const [id, bought] of Map.groupBy(spent, (spend) => spend.campaign)) {
    const sources = new Set(bought.map((spend) => spend.source))
    const sides = new Map<string, Sides>()
    const side = (source: string, day: string): Sides => {
      const key = JSON.stringify([source, day])
      const found = sides.get(key) ?? { platform: {}, ours: { clicks: 0, impressions: 0, conversions: 0 }, notCounted: {} }
      sides.set(key, found)
      return found
    }
    for (const spend of bought) {
      const { platform } = side(spend.source, spend.day)
      for (const name of COUNTS) if (spend[name] !== undefined) platform[name] = (platform[name] ?? 0) + spend[name]
    }
    const tz = query.tz ?? registry.campaign(id)?.timeZone ?? 'UTC'
    const edges = [...days, addDays(to, 1)].map((day) => dayStart(day, tz))
    for (const { interval, type, values, count } of await store.totals({ campaign: id, edges, dimensions: ['source'] })) {
      const [of] = values
      if (of != null && sources.has(of)) side(of, days[interval] ?? '').ours[TYPES[type] ?? 'clicks'] += count
    }
    for (const { interval, source, reason, count } of await uncountedClicks(id, { edges, store })) {
      if (!sources.has(source)) continue
      const { notCounted } = side(source, days[interval] ?? '')
      notCounted[reason] = (notCounted[reason] ?? 0) + count
    }
    for (const [key, { platform, ours, notCounted }] of sides) {
      const [of, day] = JSON.parse(key) as [string, string]
      const both = (name: Count) => compared(platform[name], ours[name])
      const counts = { clicks: both('clicks'), impressions: both('impressions'), conversions: both('conversions') }
      rows.push({ source: of, campaign: id, day, ...counts, notCounted: sorted(notCounted) })
    }
  }
  const placeOf = ({ day, source, campaign }: Discrepancy) => JSON.stringify([day, source, campaign])
  rows.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  const notCounted: Record<string, number> = {}
  for (const row of rows)
    for (const [reason, count] of Object.entries(row.notCounted)) notCounted[reason] = (notCounted[reason] ?? 0) + count
  return {
    query: { from, to, tz: query.tz, ...(campaign && { campaign }), ...(source && { source }), asOf: new Date(now).toISOString() },
    rows,
    totals: { clicks: totalOf(rows, 'clicks'), impressions: totalOf(rows, 'impressions'), conversions: totalOf(rows, 'conversions') },
    notCounted: sorted(notCounted),
  }
}
