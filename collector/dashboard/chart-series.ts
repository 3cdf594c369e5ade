import type { ResultRow } from '../results/results.ts'
import type { ChartData, ChartMetric } from './chart-data.ts'

/** Colours of the chart's palette; campaigns beyond them are drawn together. */
export const SERIES_SLOTS = 8

/** A campaign as the chart draws it; `id` is '' for results of none. */
export interface ChartCampaign {
  id: string
  name: string
  currency: string | null
  slot: number
}

type Measure = (row: ResultRow) => number

const COUNTS = ['impressions', 'clicks', 'signups', 'purchases'] as const

/**
 * Gives campaigns their colours, the first `SERIES_SLOTS` of them one each; the others share slot 0.
 *
 * Colours go by `order`, the ids in an order that lasts, so that a campaign keeps its own while amounts overtake each other.
 */
export function assignSlots<T extends { id: string }>(campaigns: T[], order: string[]): (T & { slot: number })[] {
  const drawn = campaigns.slice(0, SERIES_SLOTS).map(({ id }) => id)
  const ordered = [...new Set([...order, ...drawn.toSorted().filter((id) => id !== ''), ''])].filter((id) => drawn.includes(id))
  return campaigns.map((campaign) => ({ ...campaign, slot: ordered.indexOf(campaign.id) + 1 }))
}

/**
 * Series per day and campaign for every metric.
 *
 * `rows` are by campaign and day; days without a row are 0. Money has one metric for each currency, because amounts of two
 * currencies have no common axis. Campaigns in slot 0 are added up; those without any of the metric are left out.
 */
export function chartData(rows: ResultRow[], options: { days: string[]; today: string; campaigns: ChartCampaign[] }): ChartData {
  const { days, today, campaigns } = options
  const byCampaign = Map.groupBy(rows, (row) => row.campaign ?? '')
  const currencies = [...new Set(campaigns.flatMap(({ currency }) => currency ?? []))].sort()

  const metric = (key: string, label: string, currency: string | null, measure: Measure): ChartMetric => {
    const drawn = currency === null ? campaigns : campaigns.filter((campaign) => campaign.currency === currency)
    const lines = drawn
      .map((campaign) => ({ ...campaign, values: perDay(byCampaign.get(campaign.id) ?? [], days, measure) }))
      .filter(({ values }) => values.some((value) => value !== 0))
    const series = lines.filter(({ slot }) => slot > 0).map(({ name, slot, values }) => ({ name, slot, values }))
    const rest = lines.filter(({ slot }) => slot === 0)
    if (rest.length > 0) series.push({ name: `${rest.length} others`, slot: 0, values: addUp(rest.map(({ values }) => values)) })
    return { key, label, currency, series }
  }
  const money = (key: string, label: string, measure: Measure) =>
    currencies.map((currency) =>
      currencies.length === 1
        ? metric(key, label, currency, measure)
        : metric(`${key}-${currency}`, `${label} ${currency}`, currency, measure),
    )

  return {
    days,
    untilToday: days.at(-1) === today,
    metrics: [
      ...money('owed', 'Owed', (row) => row.costMinor ?? 0),
      ...COUNTS.map((count) => metric(count, `${count[0]?.toUpperCase()}${count.slice(1)}`, null, (row) => row[count])),
      ...money('revenue', 'Revenue', (row) => row.revenueMinor ?? 0),
    ],
  }
}

function perDay(rows: ResultRow[], days: string[], measure: Measure): number[] {
  const byDay = new Map(rows.map((row) => [row.day, measure(row)]))
  return days.map((day) => byDay.get(day) ?? 0)
}

function addUp(lines: number[][]): number[] {
  return (lines[0] ?? []).map((_, day) => lines.reduce((sum, line) => sum + (line[day] ?? 0), 0))
}
