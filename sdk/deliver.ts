import { type Batch, MAX_BYTES, toBatches } from './batches.ts'
import type { Environment } from './environment.ts'
import type { Guard, Say } from './guard.ts'
import type { Queue, Queued } from './queue.ts'
import type { Receipt, WireEvent } from './wire.ts'

const BASE_MS = 1_000
const CAP_MS = 60_000

/** A request that nobody answers would hold up all others. */
const TIMEOUT_MS = 30_000

/** For another tab that sends. */
const MAX_WAIT_MS = 2_000

/** No `Retry-After` is believed for longer; setTimeout takes more than 24 days for none at all. */
const MAX_RETRY_AFTER_MS = 3_600_000

export interface Delivery {
  /** Sends what this page has just made; during a back-off it waits with the rest. `isLeaving`: the event by which the page is hidden or left: sends all that is not on its way, as the page may end here. */
  dispatch(entries: readonly Queued[], isLeaving: unknown): void
  /** Sends all that is queued, unless a back-off says later. */
  goOn(): unknown
  /** Sends all that is queued now, also during a back-off. Resolves when the queue is empty or an attempt has failed; never rejects. */
  flush(): Promise<void>
}

export interface DeliveryOptions {
  site: string
  endpoint: string
  now(): number
  say: Say | undefined
  guard: Guard
  /** Told each event that the collector has durably taken. */
  listeners: ReadonlySet<(event: WireEvent) => void>
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
  { site, endpoint, now, say, guard, listeners }: DeliveryOptions,
): Delivery {
  const {
    Math: { min, random },
    clearTimeout,
    fetch,
    navigator,
    setTimeout,
  } = environment
  const url = `${endpoint.replace(/\/$/, '')}/v1/events`
  /** What this page answers for: 0 waits, 1 is on its way, 2 is on its way and outlives the page, 3 is another page's. */
  const isNative = /\[native/.test(`${fetch}`)
  const stages = new WeakMap<Queued, number>()
  let safeBytes = 0
  let failures = 0
  let waitMs = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: unknown = true

  /**
   * Resolves when the page is left, perhaps for the back/forward cache: WebKit never answers what was under way then, and a lock that is held keeps the
   * page out of Firefox's.
   */
  let left: Promise<unknown> | undefined
  let leave: (() => void) | undefined
  const turnPage = () => {
    leave?.()
    left = new Promise<void>((resolve) => {
      leave = resolve
    })
  }
  turnPage()

  /** Resolves to whether the collector has decided. */
  const post = async ([entries, body, bytes]: Batch): Promise<boolean> => {
    // What outlives the page shares a quota; what is over it goes as an ordinary request, which in some browsers ends with the page.
    const keepalive = safeBytes + bytes < MAX_BYTES
    let status = 0
    waitMs = 0
    if (keepalive) safeBytes += bytes
    for (const entry of entries) stages.set(entry, keepalive ? 2 : 1)
    try {
      // A text goes as text/plain, which needs no preflight.
      const answer = fetch(url, { method: 'POST', body, keepalive, signal: window.AbortSignal?.timeout?.(TIMEOUT_MS) as AbortSignal })
      const response = (await Promise.race([answer, left])) as Response
      status = response.status
      waitMs = (response.headers.get('retry-after') as unknown as number) * 1000
      const receipt: Receipt = await response.json()
      say?.(status, receipt)
      const isTaken = (_: Queued, i: number) => response.ok && !receipt.rejected.some(({ index }) => index === i)
      for (const { event } of entries.filter(isTaken)) for (const listener of listeners) guard(listener)(event)
    } catch (error) {
      say?.('failed', error)
    }
    if (keepalive) safeBytes -= bytes
    // 2xx, and 4xx but 408 and 429.
    const isFinal = /^[24](?!08|29)/.test(`${status}`)
    for (const entry of entries) stages.set(entry, 0)
    if (isFinal) queue.erase(entries)
    return isFinal
  }

  /** Resolves when all that is under way is answered. */
  const sendAll = (entries: readonly Queued[]) => {
    sending = Promise.all([sending, ...toBatches(entries, { site, sentAt: now() }).map(post)]).then((answers) => {
      if (answers.every(Boolean)) failures = 0
      else timer ??= setTimeout(flush, min(waitMs || 0, MAX_RETRY_AFTER_MS) + min(BASE_MS * 2 ** failures++, CAP_MS) * random())
      return true
    })
    return sending
  }
  /** What this page may send and is below `stage`. */
  const due = (stage: number) => queue.recall().filter((entry) => (stages.get(entry) ?? (entry.until > now() ? 3 : 0)) < stage)
  const sendDue = () => timer || sendAll(due(1))

  const flush = async () => {
    clearTimeout(timer)
    timer = undefined
    await null // the events of this task come first
    // One tab of this site after another. There are no locks on http pages and in sandboxed frames, and one that stands still must not hold up the others.
    try {
      await navigator.locks.request(url, { signal: window.AbortSignal?.timeout?.(MAX_WAIT_MS) as AbortSignal }, sendDue)
    } catch {
      await sendDue()
    }
  }

  return {
    flush,
    goOn: () => timer || flush(),
    dispatch(entries, isLeaving) {
      for (const entry of entries) stages.set(entry, 0)
      // The next page may be anyone's.
      if (isLeaving)
        for (const entry of due(3)) {
          entry.until = 0
          queue.admit(entry)
        }
      if (!isLeaving) {
        if (!timer) sendAll(entries)
        return
      }
      // A `fetch` that is not the browser's own may do anything: then all goes by beacon, too. Copies have the same id.
      for (const batch of toBatches(due(isNative ? 2 : 3), { site, sentAt: now() }))
        if (!guard(() => navigator.sendBeacon(url, batch[1]))()) post(batch)
      if (isLeaving === 'pagehide') turnPage()
    },
  }
}
