/** Quantiles 0.975 of Student's t for 2 to 13 degrees of freedom. Source: any table of the distribution. */
const T_975 = [4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16]

/** Full days that a projection looks back on, at most and at least: fewer say nothing of how they vary. */
export const PROJECTION_DAYS = 14
const MIN_DAYS = 3

/** In days from now, fractions included. */
export interface Exhaustion {
  days: number
  /** Bounds of the 95 % interval; `latest` is null where it has no end: the days vary so much that it may take for ever. */
  earliest: number
  latest: number | null
}

/**
 * In how many days `left` minor units will be owed, if days to come are like `daily` (minor units owed on each of the last full days).
 *
 * Method: Student's t prediction interval of a sum. With mean m and standard deviation s of n days, what N further days cost is m·N ± t·s·√(N + N²/n);
 * the first part under the root is how days vary, the second how well m is known. Where that meets `left` is a quadratic equation in N. An estimate, so
 * in floats: nothing is billed by it. Null when nothing was owed or with fewer than three days.
 */
export function exhaustion({ left, daily }: { left: bigint; daily: bigint[] }): Exhaustion | null {
  const owed = daily.slice(-PROJECTION_DAYS).map(Number)
  const n = owed.length
  const t = T_975[n - MIN_DAYS]
  const mean = owed.reduce((sum, one) => sum + one, 0) / n
  if (t === undefined || mean <= 0) return null
  const variance = owed.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (n - 1)
  const noise = t ** 2 * variance
  const rest = Number(left)
  const a = mean ** 2 - noise / n
  const b = 2 * rest * mean + noise
  const root = Math.sqrt(Math.max(0, b ** 2 - 4 * a * rest ** 2))
  return { days: rest / mean, earliest: (2 * rest ** 2) / (b + root) || 0, latest: a > 0 ? (b + root) / (2 * a) : null }
}
