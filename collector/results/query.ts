import { currencyExponent } from '../../sdk/wire.ts'
import { RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { isDimension } from '../store/dimensions.ts'
import type { Dimension } from '../store/store.ts'
import { CREDIT_PARAMETERS, isCreditModel } from './creditQuery.ts'
import { addDays, dayCount, dayOf, isDay, isTimeZone } from './days.ts'

/** What `GET /v1/results` was asked, checked. Days are in `tz`, both included. */
export interface ResultsQuery {
  from: string
  to: string
  tz: string
  by: ('campaign' | 'site' | 'day' | Dimension)[]
  campaign?: string
  site?: string
  filters: Partial<Record<Dimension, string>>
  /** On which day a correction stands: that of the result it corrects, or that on which it happened. */
  view: View
  /** Spend is converted to it. */
  currency?: string
}

export const VIEWS = ['result', 'cash'] as const
export type View = (typeof VIEWS)[number]

const DEFAULT_DAYS = 30
/** A bound on the work of one query: ten years as one sum, three by day. */
const MAX_DAYS = 3_660
const MAX_DAYS_BY_DAY = 1_100

const refuse = (field: string, message: string): never => {
  throw new RefusalError('invalid_filter', `${field} ${message}`, field)
}

/** The zone of the campaign asked for, else the one that all campaigns share, else UTC. */
function defaultZone(registry: Registry, campaign: string | undefined): string {
  const asked = campaign === undefined ? undefined : registry.campaign(campaign)
  if (asked) return asked.timeZone
  const zones = new Set(registry.campaigns().map(({ timeZone }) => timeZone))
  return zones.size === 1 ? [...zones].join() : 'UTC'
}

function parseBy(text: string | undefined): ResultsQuery['by'] {
  const names = [...new Set((text ?? 'campaign').split(',').filter((name) => name !== ''))]
  return names.map((name) => {
    if (name === 'campaign' || name === 'site' || name === 'day' || (isDimension(name) && name !== 'verdict')) return name
    return refuse(
      'by',
      `must be of campaign, site, day, placement, source, medium, content, term, device, consent, witness, segment.NAME, variant.NAME, not "${name.slice(0, 64)}"`,
    )
  })
}

/** As a filter's value: results that have none of it. */
export const NONE = '(none)'

const OWN_PARAMETERS = ['from', 'to', 'tz', 'by', 'model', 'campaign', 'site', 'format', 'view', 'currency']

/**
 * Checks the parameters of a results query and fills in what was left out: the last 30 days, by campaign.
 *
 * Throws RefusalError naming the parameter.
 */
export function parseResultsQuery(
  parameters: Record<string, string>,
  { registry, now }: { registry: Registry; now: number },
): ResultsQuery {
  const { campaign, site, model, currency } = parameters
  const tz = parameters.tz || defaultZone(registry, campaign)
  if (!isTimeZone(tz)) return refuse('tz', 'must be an IANA time zone like "Europe/Oslo"')
  const view = VIEWS.find((one) => one === (parameters.view || 'result'))
  if (!view) return refuse('view', `must be ${VIEWS.join(' or ')}`)
  if (model && model !== 'last' && !isCreditModel(model))
    return refuse('model', 'must be last (which is billed), first, linear, decay or position')
  const to = parameters.to || dayOf(now, tz)
  if (!isDay(to)) return refuse('to', 'must be a day like 2026-11-30')
  const from = parameters.from || addDays(to, 1 - DEFAULT_DAYS)
  if (!isDay(from)) return refuse('from', 'must be a day like 2026-11-01')
  if (from > to) return refuse('from', `must not be after to (${to})`)
  const by = parseBy(parameters.by)
  const maxDays = by.includes('day') ? MAX_DAYS_BY_DAY : MAX_DAYS
  if (dayCount(from, to) > maxDays) throw new RefusalError('range_too_large', `from ${from} to ${to} is more than ${maxDays} days`, 'from')
  const filters: ResultsQuery['filters'] = {}
  for (const [key, value] of Object.entries(parameters)) {
    if (OWN_PARAMETERS.includes(key) || CREDIT_PARAMETERS.includes(key) || value === '') continue
    if (!isDimension(key) || key === 'verdict')
      return refuse(
        key.slice(0, 64),
        'is not a parameter of results; filters are campaign, site, placement, source, medium, content, term, device, consent, witness, segment.NAME, variant.NAME',
      )
    filters[key] = value
  }
  if (currency && currencyExponent(currency) === undefined) return refuse('currency', 'must be an ISO 4217 code like "NOK"')
  return { from, to, tz, by, filters, view, ...(campaign && { campaign }), ...(site && { site }), ...(currency && { currency }) }
}
