import { idMaker } from './id.ts'
import { TallymarkError } from './server-error.ts'
import { type ServerEventInput, type ServerPurchaseInput, type ServerSignupInput, serverEvent } from './server-event.ts'
import { signedHeaders, signingId } from './server-sign.ts'
import { type EventType, LIMITS, type Receipt, type WireEvent } from './wire.ts'

export { TallymarkError } from './server-error.ts'
export type { ServerEventInput, ServerPurchaseInput, ServerSignupInput } from './server-event.ts'

const BASE_MS = 500
const CAP_MS = 30_000

/** No `Retry-After` is believed for longer. */
const MAX_RETRY_AFTER_MS = 300_000

/** A request that nobody answers is tried again. */
const TIMEOUT_MS = 15_000

/** Events of 600 bytes are 6 MB then. */
const MAX_QUEUED = 10_000

export interface ServerOptions {
  /** Where the collector is, like `https://t.example`. */
  endpoint: string
  /**
   * A secret key of the site. It belongs on a server and never in a page. `sk_…` is sent with each request, over TLS; one that signs, `signing_…`, never leaves the process.
   */
  key: string
  /** How often a request is tried, 6 unless told otherwise: over half a minute at most. */
  attempts?: number
  fetch?: typeof fetch
  /** Whole milliseconds since the epoch. */
  now?: () => number
  /** From 0 to below 1. */
  random?: () => number
  /** Resolves after `ms`. */
  wait?: (ms: number) => Promise<void>
}

/** An event that the collector did not take, and why. Sent again as it is, it is refused again. */
export interface Refused {
  event: WireEvent
  code: string
  field: string
  message: string
}

/** What became of the events of one `flush`. */
export interface Flushed {
  accepted: number
  duplicates: number
  refused: Refused[]
}

export interface TallymarkServer {
  impression(input?: ServerEventInput): void
  click(input?: ServerEventInput): void
  signup(input?: ServerSignupInput): void
  purchase(input: ServerPurchaseInput): void
  /**
   * Sends what was called so far, and resolves when the collector has it durably. Call it before the answer to your customer, or from a queue of your own.
   *
   * Rejects with TallymarkError `unreachable` (the events are kept: call it again) or `refused`.
   */
  flush(): Promise<Flushed>
}

/**
 * Reports results from a server: checkout code, a webhook, a nightly job. The server's word supersedes the browser's for the same order.
 *
 * Nothing is sent before `flush`. Events are kept in memory alone: what must outlive the process belongs in a queue of yours, and the same `orderId` counts once however often
 * it is sent. Network errors, 408, 429 and 5xx are tried again after a random part of 0.5, 1, 2 … 30 s on top of `Retry-After`. Calls throw TallymarkError `misuse` or `full`.
 */
export function init(options: ServerOptions): TallymarkServer {
  const { endpoint, key, attempts = 6, now = Date.now, random = Math.random, wait = sleep } = options
  if (!endpoint || !key) throw new TallymarkError('misuse', 'init needs endpoint and key')
  const send = options.fetch ?? fetch
  const url = `${endpoint.replace(/\/$/, '')}/v1/conversions`
  const id = signingId(key)
  const makeId = idMaker({ crypto, Math }, now)
  const queue: WireEvent[] = []
  let running: Promise<unknown> = Promise.resolve()

  const take = (type: EventType, input: Partial<ServerPurchaseInput & ServerSignupInput>) => {
    if (queue.length >= MAX_QUEUED) throw new TallymarkError('full', `${type}: ${MAX_QUEUED} events wait; call flush`)
    queue.push(serverEvent(type, input, { id: makeId(), now: now() }))
  }

  /** One request, tried until it is answered for good. */
  const post = async (events: readonly WireEvent[]): Promise<Response> => {
    let problem: { status?: number; cause?: unknown } = {}
    for (let attempt = 0; attempt < attempts; attempt++) {
      let waitMs = 0
      try {
        // A signature holds for a few minutes only: each attempt has its own.
        const at = now()
        const body = JSON.stringify({ sentAt: at, events })
        const proof = id === undefined ? { authorization: `Bearer ${key}` } : await signedHeaders(body, { key, id, now: at })
        const response = await send(url, {
          method: 'POST',
          headers: { ...proof, 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (response.status < 500 && response.status !== 408 && response.status !== 429) return response
        await response.body?.cancel()
        problem = { status: response.status }
        waitMs = Math.min(Number(response.headers.get('retry-after')) * 1000 || 0, MAX_RETRY_AFTER_MS)
      } catch (cause) {
        problem = { cause }
      }
      if (attempt + 1 < attempts) await wait(waitMs + Math.min(BASE_MS * 2 ** attempt, CAP_MS) * random())
    }
    throw new TallymarkError('unreachable', `flush: no answer from ${url} in ${attempts} attempts; the events are kept`, problem)
  }

  /** Sends `events`, which leave the queue once they are answered; a request that is too large is halved. */
  const deliver = async (events: WireEvent[], result: Flushed): Promise<void> => {
    const response = await post(events)
    if (response.status === 413 && events.length > 1) {
      const half = events.length >> 1
      await deliver(events.slice(0, half), result)
      return deliver(events.slice(half), result)
    }
    const answer = (await response.json().catch(() => ({}))) as Partial<Receipt> & { error?: { message?: string } }
    queue.splice(0, events.length)
    // A batch of which nothing could be taken is answered 422 with the same list.
    if (!answer.rejected && !response.ok)
      throw new TallymarkError('refused', `flush: ${answer.error?.message ?? `the collector answered ${response.status}`}`, {
        status: response.status,
      })
    result.accepted += answer.accepted ?? 0
    result.duplicates += answer.duplicates ?? 0
    for (const { index, ...why } of answer.rejected ?? []) result.refused.push({ event: events[index] as WireEvent, ...why })
  }

  const drain = async () => {
    const result: Flushed = { accepted: 0, duplicates: 0, refused: [] }
    // What is called meanwhile is left to the next flush.
    for (let left = queue.length; left > 0; left -= LIMITS.eventsFromServer)
      await deliver(queue.slice(0, Math.min(left, LIMITS.eventsFromServer)), result)
    return result
  }

  return {
    impression: (input = {}) => take('impression', input),
    click: (input = {}) => take('click', input),
    signup: (input = {}) => take('signup', input),
    purchase: (input) => take('purchase', input ?? {}),
    flush() {
      const next = running.then(drain)
      running = next.catch(() => {})
      return next
    },
  }
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
