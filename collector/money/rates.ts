import { z } from 'zod'
import { currencyExponent } from '../../sdk/wire.ts'
import { bisect } from '../bisect.ts'
import { isDay } from '../results/days.ts'

/** Three years of the days of nine pairs. */
const MAX_RATES = 10_000

const currency = z.string().refine((code) => currencyExponent(code) !== undefined, 'must be an ISO 4217 code like "NOK"')

const rate = z
  .object({
    day: z.string().refine(isDay, 'must be a day like 2026-11-01'),
    from: currency,
    to: currency,
    rate: z
      .string()
      .regex(/^\d{1,12}(?:\.\d{1,12})?$/, 'must be a decimal string like "10.9312"')
      .refine((text) => /[1-9]/.test(text), 'must be above 0'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must be another currency than from' })

/** The body of `PUT /v1/rates`. */
export const ratesBody = z.object({ rates: z.array(rate).min(1, 'must have at least one rate').max(MAX_RATES) })

/** What one major unit of `from` is worth in `to`, from a day on until the next that is given. */
export type Rate = z.output<typeof rate>

/** Rates as they were given; the last word on a day and pair holds. */
export interface RateTable {
  /** The rate of a day: that of the latest day given which is not after it. Nothing is worked out from the opposite pair or over a third currency. */
  rateOn(day: string, pair: { from: string; to: string }): Rate | undefined
  /** The rate given for the very day. */
  given(rate: Pick<Rate, 'day' | 'from' | 'to'>): Rate | undefined
  /** By pair, then by day. */
  rows(): Rate[]
}

/** Nearest integer to `n / d` (both at or above 0, d above), halves to the even one. Source: IEEE 754 roundTiesToEven, on integers. */
export function divideHalfEven(n: bigint, d: bigint): bigint {
  const whole = n / d
  const twice = (n % d) * 2n
  return twice > d || (twice === d && whole % 2n === 1n) ? whole + 1n : whole
}

/** An amount in minor units of `from`, in minor units of `to`: exact, then rounded once, half to even. */
export function convertMinor(minor: bigint, { from, to, rate }: Rate): bigint {
  const [whole = '', fraction = ''] = rate.split('.')
  const exponent = (currency: string) => BigInt(currencyExponent(currency) ?? 2)
  return divideHalfEven(minor * BigInt(whole + fraction) * 10n ** exponent(to), 10n ** (exponent(from) + BigInt(fraction.length)))
}

const pairOf = ({ from, to }: { from: string; to: string }) => `${from} ${to}`

/** The last of those sorted by day that is not after `day`. */
const latest = (rates: Rate[], day: string): Rate | undefined => rates[bisect(rates, (rate) => rate.day > day) - 1]

/** An empty table, and the way to take versions of the configuration log in. */
export function openRateTable(): { table: RateTable; apply: (rates: Rate[]) => void } {
  const pairs = new Map<string, Rate[]>()
  return {
    apply(rates) {
      const touched = new Map<string, Map<string, Rate>>()
      for (const rate of rates) {
        const pair = pairOf(rate)
        const byDay = touched.get(pair) ?? new Map((pairs.get(pair) ?? []).map((one) => [one.day, one]))
        touched.set(pair, byDay.set(rate.day, rate))
      }
      for (const [pair, byDay] of touched)
        pairs.set(
          pair,
          [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
        )
    },
    table: {
      rateOn: (day, pair) => latest(pairs.get(pairOf(pair)) ?? [], day),
      given(rate) {
        const found = latest(pairs.get(pairOf(rate)) ?? [], rate.day)
        return found?.day === rate.day ? found : undefined
      },
      rows: () => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, rates]) => rates),
    },
  }
}
