const DAY_MS = 86_400_000

/** How long after it occurred an event counts, by who tells us. */
export const MAX_AGE_MS = { browser: 7 * DAY_MS, server: 90 * DAY_MS } as const

/** A clock that runs ahead by less is left alone: servers drift, too. */
const MAX_AHEAD_MS = 5 * 60 * 1_000

export interface CorrectedTime {
  /** By the collector's clock, ms. */
  occurredAt: number
  /** The sender's clock made no sense, so the time of receipt stands in. */
  clockAhead: boolean
  /** What is to be added to any other time of the same sender's clock. */
  offsetMs: number
}

/**
 * When an event occurred by the collector's clock.
 *
 * `sentAt` and `occurredAt` come from one client clock, so their difference is right even when the clock is wrong. Without `sentAt`
 * the client's clock is believed, up to 5 minutes ahead. All in ms since the epoch.
 */
export function correctTime({
  occurredAt,
  sentAt,
  receivedAt,
}: {
  occurredAt: number
  sentAt: number | undefined
  receivedAt: number
}): CorrectedTime {
  if (sentAt === undefined) {
    const clockAhead = occurredAt > receivedAt + MAX_AHEAD_MS
    return { occurredAt: clockAhead ? receivedAt : occurredAt, clockAhead, offsetMs: 0 }
  }
  const offsetMs = receivedAt - sentAt
  const clockAhead = occurredAt > sentAt
  return { occurredAt: clockAhead ? receivedAt : occurredAt + offsetMs, clockAhead, offsetMs }
}
