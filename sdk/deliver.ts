import { type Batch, MAX_BYTES, toBatches } from './batches.ts'
import { say } from './guard.ts'
import type { Queue, Queued } from './queue.ts'
import type { Recorder } from './recorder.ts'
import type { Options } from './tallymark.ts'

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

/**
 * Delivers the queue of `site` to `endpoint` until each event is acknowledged.
 *
 * What this page makes is sent at once, and first by this page alone; what failed or was left by another page is sent by one tab at a time.
 * Network errors, 408, 429 and 5xx are tried again after a random part of 1, 2, 4 … 60 s on top of `Retry-After`
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/); any other refusal is final.
 */
export function startDelivery(recorder: Recorder, queue: Queue, { site, endpoint, debug }: Options): Delivery {
  const { environment, guard, now } = recorder
  const {
    Math: { random },
    clearTimeout,
    fetch,
    navigator,
    setTimeout,
  } = environment
  const url = endpoint.replace(/\/?$/, '/v1/events')
  const isNative = /\[native/.test(fetch as never)
  /** What this page answers for: 0 waits, 1 is on its way, 2 is on its way and outlives the page, 3 is another page's. */
  const stages = new WeakMap<Queued, number>()
  let safeBytes = 0
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let sending: unknown

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

  /** Undefined where the browser has none. */
  const after = (ms: number) => window.AbortSignal?.timeout?.(ms) as AbortSignal
  const mark = (entries: readonly Queued[], stage: number) => {
    for (const entry of entries) stages.set(entry, stage)
  }

  /** Resolves when the collector has decided, or the next attempt has its time. */
  const post = async ([entries, body, bytes]: Batch) => {
    // What outlives the page shares a quota; what is over it goes as an ordinary request, which in some browsers ends with the page.
    const keptBytes = safeBytes + bytes < MAX_BYTES ? bytes : 0
    let status: unknown
    let waitMs: unknown
    safeBytes += keptBytes
    mark(entries, keptBytes ? 2 : 1)
    try {
      // A text goes as text/plain, which needs no preflight.
      const answer = fetch(url, { method: 'POST', body, keepalive: keptBytes > 0, signal: after(TIMEOUT_MS) })
      const response = (await Promise.race([answer, left])) as Response
      status = response.status
      waitMs = (response.headers.get('retry-after') as unknown as number) * 1000
      recorder.answered?.(response, entries)
      if (debug) say(status, await response.json())
    } catch (error) {
      if (debug) say('failed', error)
    }
    safeBytes -= keptBytes
    mark(entries, 0)
    // 2xx, and 4xx but 408 and 429.
    if (/^[24](?!08|29)/.test(status as string)) {
      failures = 0
      queue.erase(entries)
    } else
      timer ??= setTimeout(
        flush,
        Math.min((waitMs as number) || 0, MAX_RETRY_AFTER_MS) + Math.min(BASE_MS * 2 ** failures++, CAP_MS) * random(),
      )
  }

  const batches = (entries: readonly Queued[]) => toBatches(entries, { site, sentAt: now() })
  /** Resolves when all that is under way is answered. */
  const sendAll = (entries: readonly Queued[]) => {
    sending = Promise.all([sending, ...batches(entries).map(post)]).then(() => true)
    return sending
  }
  /** What this page may send and is below `stage`. */
  const due = (stage: number) => queue.recall().filter((entry) => (stages.get(entry) ?? (entry.until > now() ? 3 : 0)) < stage)
  const sendDue = () => timer || sendAll(due(1))

  const flush = async () => {
    timer = clearTimeout(timer) as undefined
    await 0 // the events of this task come first
    // One tab of this site after another. There are no locks on http pages and in sandboxed frames, and one that stands still must not hold up the others.
    try {
      await navigator.locks.request(url, { signal: after(MAX_WAIT_MS) }, sendDue)
    } catch {
      await sendDue()
    }
  }

  return {
    flush,
    goOn: () => timer || flush(),
    dispatch(entries, isLeaving) {
      mark(entries, 0)
      if (isLeaving) {
        for (const entry of due(3)) {
          // The next page may be anyone's.
          entry.until = 0
          queue.admit(entry)
        }
        // A `fetch` that is not the browser's own may do anything: then all goes by beacon, too. Copies have the same id.
        for (const batch of batches(due(isNative ? 2 : 3))) if (!guard(() => navigator.sendBeacon(url, batch[1]))()) post(batch)
        if (isLeaving === 'pagehide') turnPage()
      } else if (!timer) sendAll(entries)
    },
  }
}
