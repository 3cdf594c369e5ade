/** Attempts before a delivery is given up. */
export const MAX_ATTEMPTS = 10

const FIRST_MS = 30_000
const GROWTH = 4
/** Half a day: ten attempts are spread over a day on average, two at most. */
const MAX_MS = 43_200_000

/**
 * How long (ms) to wait after a number of failed attempts: anything from nothing to a bound that grows fourfold from 30 s to 12 h.
 *
 * `random` is from 0 to under 1. Source: "full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/: those who failed
 * together do not come back together.
 */
export function backOff(attempts: number, random: number): number {
  return Math.floor(random * Math.min(MAX_MS, FIRST_MS * GROWTH ** (attempts - 1)))
}
