import type { Alert } from '../alerts/alert.ts'
import type { ResultRow, ResultsAnswer } from '../results/results.ts'
import type { ChartData } from './chart-data.ts'
import { assignSlots, chartData } from './chart-series.ts'
import type { DashboardDependencies } from './dashboard.tsx'
import { dayOf, daysBetween, sortDays } from './days.ts'
import type { View } from './links.ts'
import { readRange } from './range.ts'
import { readSplit } from './split.ts'
import type { Campaign } from './terms.ts'
import { emptyRow, groupByCurrency } from './totals.ts'

/** A campaign's row, with what is known of it and its colour in the chart. */
export interface CampaignRow extends ResultRow {
  /** '' for results without a campaign. */
  id: string
  name: string
  /** Null when events name it but nobody has set it up. */
  setup: Campaign | null
  slot: number
}

/** Everything the overview shows. */
export interface Overview {
  view: View
  now: number
  today: string
  origin: string
  answer: ResultsAnswer
  /** In the order of the table. */
  campaigns: CampaignRow[]
  byDay: ResultRow[]
  chart: ChartData
  /** Of one campaign, when the page is about one. */
  split: ResultRow[] | null
  sites: { id: string; name: string; origins: string[] }[]
  /** Of the campaigns shown, highest threshold first. */
  alerts: Alert[]
  /** Nothing is set up and nothing has come in. */
  isNew: boolean
}

/** Asks for what a query string wants to see. `origin` is where the visitor reaches the collector. */
export async function loadOverview(
  dependencies: Pick<DashboardDependencies, 'results' | 'campaigns' | 'sites' | 'alerts' | 'now'>,
  request: { query: Record<string, string>; origin: string },
): Promise<Overview> {
  const { query, origin } = request
  const setups = dependencies.campaigns()
  const now = dependencies.now()
  const campaign = query.campaign || null
  const today = dayOf(now, timeZoneOf(setups, campaign))
  const range = readRange(query, today)
  const split = campaign && (query.split || query.segment) ? readSplit(query) : null

  const ask = (by: string[]) => dependencies.results({ from: range.from, to: range.to, by, ...(campaign && { campaign }) })
  const [answer, perDay, perSplit] = await Promise.all([
    ask(['campaign']),
    ask(['campaign', 'day']),
    campaign ? ask([split ?? readSplit({})]) : null,
  ])

  const campaigns = campaignRows(answer.rows, { setups, campaign })
  const days = daysBetween(range.from, lastDayShown(perDay.rows, { to: range.to, today }))
  const chart = chartData(perDay.rows, { days, today, campaigns })
  const metric = chart.metrics.find(({ key }) => key === query.metric)?.key ?? null

  return {
    view: { range, campaign, metric, split },
    now,
    today,
    origin,
    answer,
    campaigns,
    byDay: perDay.rows,
    chart,
    split: perSplit?.rows ?? null,
    sites: dependencies.sites(),
    alerts: dependencies
      .alerts()
      .filter((alert) => campaign === null || alert.campaign === campaign)
      .sort((a, b) => b.threshold - a.threshold || b.at - a.at),
    isNew: setups.length === 0 && answer.rows.length === 0 && campaign === null,
  }
}

function campaignRows(rows: ResultRow[], options: { setups: Campaign[]; campaign: string | null }): CampaignRow[] {
  const { setups, campaign } = options
  const seen = new Set(rows.map((row) => row.campaign ?? ''))
  const expected = campaign === null ? setups.map(({ id }) => id) : [campaign]
  const missing = expected.filter((id) => !seen.has(id))
  const currencyOf = (id: string) => setups.find((setup) => setup.id === id)?.currency ?? null
  const all = [...rows, ...missing.map((id) => emptyRow(id, currencyOf(id)))]
  const named = all.map((row) => {
    const id = row.campaign ?? ''
    const setup = setups.find((known) => known.id === id) ?? null
    return { ...row, id, setup, name: id === '' ? 'No campaign' : setup?.name || id }
  })
  return assignSlots(
    groupByCurrency(named).flatMap((group) => group.rows),
    setups.map(({ id }) => id),
  )
}

// Days to come are left out, but never a day that has results: the answer's time zone may be ahead of `today`.
function lastDayShown(rows: ResultRow[], { to, today }: { to: string; today: string }): string {
  const latest = rows.reduce((last, { day }) => sortDays(last, day ?? last)[1], today)
  return sortDays(latest, to)[0]
}

// The campaign's own; without one the zone that all campaigns share, else UTC. Only "today" hangs on it, the answer states its own.
function timeZoneOf(setups: Campaign[], campaign: string | null): string {
  const zones = new Set(setups.filter(({ id }) => campaign === null || id === campaign).map(({ timeZone }) => timeZone))
  const [zone] = zones
  return zones.size === 1 && zone ? zone : 'UTC'
}
