import { currencyExponent, LIMITS, parseMoney, WireError } from '../../sdk/wire.ts'
import { scaled } from '../money/terms.ts'
import { isDay } from '../results/days.ts'

/** What a platform took for a campaign on one day, and what it says it delivered for it. */
export interface Spend {
  /** As `source` of the events that it brought, the `utm_source` of its ads. */
  source: string
  campaign: string
  /** `YYYY-MM-DD` in the calendar of the platform's account. */
  day: string
  /** Decimal, as it was given. */
  amount: string
  currency: string
  /** By the platform's own count. */
  clicks?: number
  impressions?: number
  /** Platforms share one conversion out between ads, so there are parts of one. */
  conversions?: number
}

/** Source, campaign, day and currency: there is one spend for each. */
export const spendKey = ({ source, campaign, day, currency }: Spend): string => JSON.stringify([source, campaign, day, currency])

/** Minor units of a spend's amount. */
export const spendMinor = ({ amount, currency }: Spend): bigint => scaled(amount, currencyExponent(currency) ?? 2)

/** Before any of the platforms; a day before it is a slip of the pen. */
const FIRST_DAY = '2000-01-01'

/** More than anyone is shown in a day, and sums of many stay exact. */
const MAX_COUNT = 100_000_000_000

const fail = (field: string, message: string): never => {
  throw new WireError('invalid_spend', field, `${field} ${message}`)
}

const isBag = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function name(value: unknown, field: string): string {
  if (value === undefined || value === null || value === '') return fail(field, 'is missing')
  if (typeof value !== 'string') return fail(field, 'must be a string')
  const text = value.trim()
  if (text === '' || [...text].length > LIMITS.tagLength) return fail(field, `must be 1 to ${LIMITS.tagLength} characters`)
  return text
}

function amountOf(value: unknown, currency: string): string {
  const exponent = currencyExponent(currency)
  if (exponent === undefined) return fail('currency', `must be an ISO 4217 code like "NOK", not "${currency.slice(0, 16)}"`)
  if (value === undefined || value === null || value === '') return fail('amount', 'is missing')
  const isNumber = typeof value === 'number'
  if (!isNumber && !(typeof value === 'string' && /^-?\d{1,24}(?:\.\d{1,24})?$/.test(value)))
    return fail('amount', 'must be a decimal string like "120.50"')
  if (Number(value) < 0) return fail('amount', 'must not be negative; send the day again with what it cost in the end')
  if (Number(value) >= LIMITS.value) return fail('amount', `must be below ${LIMITS.value}`)
  try {
    // A JSON number is the amount of its currency that is nearest to it, as everywhere.
    if (isNumber) return (parseMoney(value, currency, 'amount') / 10 ** exponent).toFixed(exponent)
    scaled(value, exponent)
    return value
  } catch {
    return fail('amount', `must have at most ${exponent} decimals in ${currency}`) // all else that they throw on was ruled out
  }
}

function count(value: unknown, field: string, isWhole: (value: number) => boolean): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'number' && value >= 0 && value <= MAX_COUNT && isWhole(value)) return value
  return fail(field, `must be a ${isWhole(0.5) ? '' : 'whole '}number from 0 to ${MAX_COUNT}`)
}

/**
 * One spend of a request, checked; unknown fields are left out. Nothing can have been spent after `lastDay`.
 *
 * Throws WireError `invalid_spend` naming the field.
 */
export function readSpend(value: unknown, lastDay: string): Spend {
  if (!isBag(value)) return fail('spend', 'must be an object')
  const { day } = value
  const spend: Spend = {
    source: name(value.source, 'source'),
    campaign: name(value.campaign, 'campaign'),
    day: '',
    amount: '',
    currency: '',
  }
  if (typeof day !== 'string' || !isDay(day))
    return fail('day', day === undefined || day === '' ? 'is missing' : 'must be a day like 2026-11-01')
  if (day < FIRST_DAY || day > lastDay) return fail('day', `must be from ${FIRST_DAY} to today, not ${day}`)
  spend.day = day
  spend.currency = name(value.currency, 'currency').toUpperCase()
  spend.amount = amountOf(value.amount, spend.currency)
  const counts = {
    clicks: count(value.clicks, 'clicks', Number.isSafeInteger),
    impressions: count(value.impressions, 'impressions', Number.isSafeInteger),
    conversions: count(value.conversions, 'conversions', Number.isFinite),
  }
  for (const key of ['clicks', 'impressions', 'conversions'] as const) if (counts[key] !== undefined) spend[key] = counts[key]
  return spend
}

/** Whatever its day, it is a spend as `readSpend` gives it. */
export function isSpend(value: unknown): value is Spend {
  try {
    const read = readSpend(value, '9999-12-31')
    return Object.entries(read).every(([name, own]) => (value as Record<string, unknown>)[name] === own)
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}
