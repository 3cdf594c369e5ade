/**
 * `total` in whole parts, in proportion to `weights`: each rounded down, what is left over goes one by one to the largest remainders, of equal ones to
 * the first.
 *
 * The parts add up to exactly `total`. `weights` are not negative. Throws RangeError when they are all 0. Source: the largest-remainder method (Hare, Niemeyer).
 */
export function apportion(total: bigint, weights: bigint[]): bigint[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0n)
  if (whole <= 0n) throw new RangeError('apportion: at least one weight must be above 0')
  const parts = weights.map((weight) => (total * weight) / whole)
  const remainders = weights.map((weight, i) => ({ i, remainder: (total * weight) % whole }))
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1))
  let left = total - parts.reduce((sum, part) => sum + part, 0n)
  for (const { i } of remainders) {
    if (left === 0n) break
    parts[i] = (parts[i] ?? 0n) + 1n
    left -= 1n
  }
  return parts
}
