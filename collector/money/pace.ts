import { currencyExponent } from '../../sdk/wire.ts'
import type { Exhaustion } from './exhaustion.ts'
import { exhaustion } from './exhaustion.ts'
import { scaled } from './terms.ts'

/** The budgets in money, in the order in which they are shown. */
export const BUDGETS = ['total', 'monthly', 'daily'] as const
export type BudgetName = (typeof BUDGETS)[number]

/** A budget as it was agreed in minor units; decimals beyond those of the currency are cut, as the bill cuts them. */
export function limitMinor(agreed: string, currency: string): bigint {
  return scaled(agreed, 12) / 10n ** BigInt(12 - (currencyExponent(currency) ?? 2))
}

/** How a budget stands. Amounts are minor units. */
export interface Pace {
  limit: bigint
  owed: bigint
  left: bigint
  /** Share of the limit that is owed, to six decimals, cut; null for a limit of nothing. */
  used: number | null
  /** What would be owed by now if it were owed evenly over the period; null where even pace was not agreed or the period has no end. */
  expected: bigint | null
  expectedShare: number | null
  /** Null when nothing is left, and where `exhaustion` gives null. */
  exhaustion: Exhaustion | null
}

const MICRO = 1_000_000n
const share = (part: bigint, whole: bigint) => (whole === 0n ? null : Number((part * MICRO) / whole) / Number(MICRO))

/**
 * How a budget stands at an instant `at`: a pure function of its limit, of what is owed in its period, and of what was owed on the last full days.
 *
 * `even` is the span (ms, half-open) over which it is to be owed evenly, null for none.
 */
export function pace({
  limit,
  owed,
  even,
  at,
  daily,
}: {
  limit: bigint
  owed: bigint
  even: { from: number; to: number } | null
  at: number
  daily: bigint[]
}): Pace {
  const left = owed < limit ? limit - owed : 0n
  const length = even ? even.to - even.from : 0
  const gone = even && length > 0 ? BigInt(Math.min(Math.max(at - even.from, 0), length)) : null
  return {
    limit,
    owed,
    left,
    used: share(owed, limit),
    expected: gone === null ? null : (limit * gone) / BigInt(length),
    expectedShare: gone === null ? null : share(gone, BigInt(length)),
    exhaustion: left === 0n ? null : exhaustion({ left, daily }),
  }
}
