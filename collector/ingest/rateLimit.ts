import { RefusalError } from '../errors.ts'

/** Sources remembered; beyond it the longest silent one starts anew. */
const MAX_SOURCES = 100_000

/** Seconds' worth of requests that may come at once: pages load in bursts. */
const BURST_SECONDS = 2

interface Bucket {
  tokens: number
  at: number
}

/** Takes one request of a source. Throws RefusalError `rate_limited` with Retry-After and RateLimit headers when it is one too many. */
export type RateLimit = (source: string, now: number) => void

/**
 * A token bucket per source: `perSecond` requests a second on average, twice as many at once. 0 is off.
 *
 * `name` is what the limit is called in its headers (draft-ietf-httpapi-ratelimit-headers). Times in ms.
 */
export function rateLimit(name: string, perSecond: number): RateLimit {
  if (perSecond === 0) return () => {}
  const capacity = perSecond * BURST_SECONDS
  const buckets = new Map<string, Bucket>()

  function bucketOf(source: string, now: number): Bucket {
    const known = buckets.get(source)
    if (known) {
      known.tokens = Math.min(capacity, known.tokens + (Math.max(0, now - known.at) * perSecond) / 1_000)
      known.at = now
      return known
    }
    if (buckets.size >= MAX_SOURCES) buckets.delete(buckets.keys().next().value ?? '')
    const bucket = { tokens: capacity, at: now }
    buckets.set(source, bucket)
    return bucket
  }

  return (source, now) => {
    const bucket = bucketOf(source, now)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return
    }
    const seconds = String(Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond)))
    throw new RefusalError(
      'rate_limited',
      `more than ${perSecond} requests a second for this ${name}; send the same again later`,
      undefined,
      {
        'Retry-After': seconds,
        'RateLimit-Policy': `"${name}";q=${perSecond};w=1`,
        RateLimit: `"${name}";r=0;t=${seconds}`,
      },
    )
  }
}
