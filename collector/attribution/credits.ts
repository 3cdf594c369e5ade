import { apportion } from './apportion.ts'
import { halved, ONE } from './halved.ts'

/** Models that are reports. `last` is the billed one; it is stored with the conversion and not worked out here. */
export const CREDIT_MODELS = ['first', 'linear', 'decay', 'position'] as const
export type CreditModel = (typeof CREDIT_MODELS)[number]

/** A whole conversion: credit is counted in millionths of one. */
export const WHOLE = 1_000_000n

/** Of time decay, unless said otherwise: a week, as the trade has it. */
export const DEFAULT_HALF_LIFE_MS = 7 * 86_400_000

/** Shares of the touches, oldest first, as whole numbers in proportion. */
function weights(times: number[], { model, halfLifeMs }: { model: CreditModel; halfLifeMs: number }): bigint[] {
  const newest = times.at(-1) ?? 0
  const middle = BigInt(times.length - 2)
  const last = times.length - 1
  switch (model) {
    case 'first':
      return times.map((_, i) => (i === 0 ? 1n : 0n))
    case 'linear':
      return times.map(() => 1n)
    case 'decay':
      // Against the newest touch instead of the conversion: the proportions are the same, and the newest never vanishes.
      return times.map((at, i) => (i === last ? ONE : halved(BigInt(newest - at), BigInt(halfLifeMs))))
    case 'position':
      if (times.length < 3) return times.map(() => 1n)
      // 40 % each for both ends, 20 % for all between: in twentieths of a touch, 2 × middle and 1.
      return times.map((_, i) => (i === 0 || i === last ? 2n * middle : 1n))
  }
}

/**
 * How a conversion's credit is shared by its touches, in millionths that add up to exactly one conversion.
 *
 * `times` (ms) are of the touches that have a claim on it, ascending, at least one. `first`: all to the oldest. `linear`: alike. `decay`: halved for
 * every `halfLifeMs` before the newest. `position`: 40 % to the first, 40 % to the last, 20 % alike between; two touches half each.
 */
export function credits(times: number[], options: { model: CreditModel; halfLifeMs: number }): bigint[] {
  return apportion(WHOLE, weights(times, options))
}
