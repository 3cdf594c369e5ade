import { type Batch, eachBatch, MAX_BYTES } from './batches.ts'
import type { Environment } from './environment.ts'
import type { Say } from './guard.ts'
import type { Queue, Queued } from './queue.ts'
import type { Receipt, WireEvent } from './wire.ts'

const BASE_MS = 1_000
const CAP_MS = 60_000

/** A request that nobody answers would hold up all others. */
const TIMEOUT_MS = 30_000

/** No `Retry-After` is believed for longer; setTimeout takes more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000

export interface Delivery {
  /** Sends what this page has just made; during a back-off it waits with the rest. */
  send(entries: readonly Queued[]): void
  /** Sends all that is queued, unless a back-off says later. */
  resume(): unknown
  /** Sends all that is queued now, also during a back-off. Resolves when the queue is empty or an attempt has failed; never rejects. */
  flush(): Promise<void>
  /** Hands what is not on its way yet to the browser, as the page may end here. It stays queued: a beacon that was taken has not arrived. */
  leave(): void
}

/**
 * Delivers the queue of `site` to `endpoint` until each event is acknowledged.
 *
 * What this page makes is sent at once, and first by this page alone; what failed or was left by another page is sent by one tab at a time.
 * Network errors, 408, 429 and 5xx are tried again after a random part of 1, 2, 4 … 60 s on top of `Retry-After`
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); any other refusal is final.
 */
export function startDelivery(
  environment: Environment,
  queue: Queue,
  {
    site,
    endpoint,
    now,
    say,
    acknowledge,
  }: { site: string; endpoint: string; now(): number; say: Say | undefined; acknowledge: (event: WireEvent) => void },
): Delivery {
  const { Math: math, clearTimeout, fetch, navigator, setTimeout } = environment
  const url = `${endpoint.replace(/\/$/, '')}/v1/events`
  /** What this page made, what a request of it carries, and what was sent in a way that outlives the page. */
  const own = new Set<Queued>()
  const flying = new Set<Queued>()
  const safe = new Set<Queued>()
  let keptBytes = 0
  let failures = 0
  let waitMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: unknown = true

  /** Resolves to whether the collector has decided. */
  const post = async ({ body, bytes, entries }: Batch, keepalive: boolean) => {
    let status = 0
    if (keepalive) keptBytes += bytes
    for (const entry of entries) {
      flying.add(entry)
      if (keepalive) safe.add(entry)
    }
    try {
      // A text goes as text/plain, which needs no preflight.
      const response = await fetch(url, { method: 'POST', body, keepalive, signal: AbortSignal.timeout?.(TIMEOUT_MS) as AbortSignal })
      status = response.status
      waitMs = Number(response.headers.get('retry-after')) * 1000
      const receipt: Receipt = await response.json()
      say?.(`answer ${status}`, receipt)
      const isTaken = (_: Queued, i: number) => response.ok && !receipt.rejected.some(({ index }) => index === i)
      for (const { event } of entries.filter(isTaken)) acknowledge(event)
    } catch (error) {
      say?.('no answer', error)
    }
    if (keepalive) keptBytes -= bytes
    for (const entry of entries) {
      flying.delete(entry)
      safe.delete(entry)
    }
    // 2xx, and 4xx but 408 and 429.
    const isFinal = /^[24](?!08|29)/.test(`${status}`)
    if (isFinal) queue.remove(entries)
    return isFinal
  }

  const each = (entries: readonly Queued[], take: (batch: Batch) => boolean) => eachBatch(entries, { site, sentAt: now() }, take)

  /** Resolves when all that is under way is answered. */
  const sendAll = (entries: readonly Queued[]) => {
    const answers = [sending]
    // What outlives the page shares a quota; what is over it goes as an ordinary request.
    each(entries, (batch) => !!answers.push(post(batch, keptBytes + batch.bytes < MAX_BYTES)))
    sending = Promise.all(answers).then((all) => {
      if (all.every(Boolean)) failures = 0
      else
        timer ??= setTimeout(flush, math.min(waitMs || 0, MAX_RETRY_AFTER_MS) + math.min(BASE_MS * 2 ** failures++, CAP_MS) * math.random())
      return true
    })
    return sending
  }
  const due = () => queue.read().filter((entry) => own.has(entry) || !(entry.until > now()))
  const sendDue = async () => timer || sendAll(due().filter((entry) => !flying.has(entry)))

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    await undefined // the events of this task come first
    // One tab of this site after another. There are no locks on http pages and in sandboxed frames.
    await (navigator.locks?.request(url, sendDue).catch(sendDue) ?? sendDue())
  }
  const isUnsafe = (entry: Queued) => !safe.has(entry)
  const resume = () => timer || flush()

  return {
    flush,
    resume,
    send(entries) {
      for (const entry of entries) own.add(entry)
      if (!timer) sendAll(entries.filter(isUnsafe))
    },
    leave() {
      const entries = due()
      for (const entry of entries) {
        entry.until = 0
        queue.add(entry)
      }
      each(entries.filter(isUnsafe), (batch) => {
        const isTaken = navigator.sendBeacon?.(url, batch.body)
        if (isTaken) for (const entry of batch.entries) safe.add(entry)
        // An ordinary request has no quota, but in some browsers ends with the page.
        return isTaken || (!batch.entries[1] && !!post(batch, false))
      })
    },
  }
}
