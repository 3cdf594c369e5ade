import { type Batch, batches } from './batches.ts'
import type { Environment } from './environment.ts'
import type { Say } from './guard.ts'
import type { Queue, Queued } from './queue.ts'
import type { Receipt } from './wire.ts'

const BASE_MS = 1_000
const CAP_MS = 60_000

/** A request that nobody answers would hold up all others. */
const TIMEOUT_MS = 30_000

/** No `Retry-After` is believed for longer; setTimeout takes more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000

export interface Delivery {
  /** Sends what is queued, at the end of this task; during a back-off, at its end. */
  send(): void
  /** Sends now, also during a back-off. Resolves when the queue is empty or an attempt has failed; never rejects. */
  flush(): Promise<void>
  /** Hands everything unacknowledged to the browser, as the page may end here. It stays queued: a beacon that was taken has not arrived. */
  leave(): void
}

/**
 * Delivers the queue until each event is acknowledged, one request at a time.
 *
 * Network errors, 408, 429 and 5xx are tried again after a random part of 1, 2, 4 … 60 s on top of `Retry-After`
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); any other refusal is final.
 */
export function startDelivery(environment: Environment, queue: Queue, say: Say, acknowledge: (entry: Queued) => void): Delivery {
  let running: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let hasLeft = false

  const url = ({ endpoint }: Batch) => `${endpoint}/v1/events`
  const body = ({ site, entries }: Batch) => JSON.stringify({ site, sentAt: environment.now(), events: entries.map(({ event }) => event) })

  const run = async () => {
    await undefined // the events of one task leave in one request
    const failed = new Set<string>()
    let waitMs = 0
    for (;;) {
      const [batch] = batches(queue.read().filter(({ endpoint }) => !failed.has(endpoint)))
      if (!batch) break
      let response: Awaited<ReturnType<Environment['fetch']>> | undefined
      let receipt: Receipt | undefined
      try {
        response = await environment.fetch(url(batch), {
          method: 'POST',
          body: body(batch),
          keepalive: true,
          credentials: 'omit',
          headers: { 'content-type': 'text/plain' },
          signal: AbortSignal.timeout?.(TIMEOUT_MS),
        })
        receipt = await response.json()
      } catch (error) {
        say('no answer', error)
      }
      const status = response ? response.status : 0
      say(`answer ${status}`, receipt)
      // 2xx, and 4xx but 408 and 429.
      if (/^[24](?!08|29)/.test(`${status}`)) {
        queue.remove(batch.entries)
        if (status < 300) batch.entries.filter((_, i) => !receipt?.rejected?.some(({ index }) => index === i)).forEach(acknowledge)
      } else {
        failed.add(batch.endpoint)
        waitMs = Math.max(waitMs, Math.min(Number(response?.headers.get('retry-after')) * 1000 || 0, MAX_RETRY_AFTER_MS))
      }
    }
    running = undefined
    const [random = 0] = environment.random(1)
    if (failed.size) timer = setTimeout(flush, waitMs + (Math.min(BASE_MS * 2 ** failures++, CAP_MS) * random) / 256)
    else failures = 0
  }

  const flush = () => {
    hasLeft = false
    clearTimeout(timer)
    timer = undefined
    running ??= run().catch((error) => {
      running = undefined // an answer that is no receipt
      say('failed', error)
    })
    return running
  }

  return {
    flush,
    send() {
      hasLeft = false
      if (!timer) flush()
    },
    leave() {
      if (!hasLeft) hasLeft = batches(queue.read()).every((batch) => environment.beacon(url(batch), body(batch)))
    },
  }
}
