import { LIMITS, parseBatch } from '../../sdk/wire.ts'
import { type Answer, answerTo, errorAnswer, isErrorCode, RefusalError } from '../errors.ts'
import { StoreError } from '../store/store.ts'
import { keepRefused } from './failedEvent.ts'
import type { RateLimit } from './rateLimit.ts'
import { assertJsonType, parseJson } from './readJson.ts'
import { type Ingest, receive, refused } from './receive.ts'
import { isPrefetch } from './verdict.ts'

/** A request to `POST /v1/events`, whoever serves it. */
export interface EventsRequest {
  /** Of a lower-case name. */
  header: (name: string) => string | undefined
  /** Address of the client, '' when there is none. */
  source: string
  /** Reads the body. Rejects with RefusalError `too_large` over `maxBytes`. */
  body: (maxBytes: number) => Promise<Uint8Array>
}

export interface AnswerEventsOptions {
  ingest: Ingest
  now: () => number
  limitSource: RateLimit
  /** Of a site, over all its visitors. */
  limitSite: RateLimit
  log: (message: string, error?: unknown) => void
}

/** A page of any origin may read the answer, a refusal too: it says what to correct, and the route knows no cookie. */
function corsHeaders(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return { Vary: 'Origin' }
  return { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After' }
}

/** Whoever comes too often, or while the queue is full, is turned away before the body is read. */
function admit({ source }: EventsRequest, { ingest, now, limitSource }: AnswerEventsOptions): void {
  limitSource(source, now())
  if (ingest.store.isFull()) throw new StoreError('overloaded', 'collector: too many events are waiting to be committed')
}

async function take(request: EventsRequest, { ingest, now, limitSite }: AnswerEventsOptions): Promise<Answer> {
  let json: unknown
  try {
    assertJsonType(request.header)
    const bytes = await request.body(LIMITS.bodyBytes)
    json = parseJson(bytes)
    const batch = parseBatch(json, { bodyBytes: bytes.byteLength, maxEvents: LIMITS.eventsFromBrowser })
    limitSite(batch.site, now())
    const given = (json as { events: unknown[] }).events
    const { header, source } = request
    const sender = { origin: header('origin'), userAgent: header('user-agent') ?? '', source, isPrefetch: isPrefetch(header) }
    const receipt = await receive(batch, { given, sender, now: now(), ingest })
    const [first] = receipt.rejected
    // Where nothing in it could be taken, the status says so, too.
    if (first && receipt.accepted + receipt.duplicates === 0) {
      return errorAnswer(isErrorCode(first.code) ? first.code : 'invalid_event', { ...first, extra: receipt })
    }
    return { status: 202, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(receipt) }
  } catch (thrown) {
    const error = refused(thrown)
    // What is turned away for coming too often has not come in: it comes again.
    if (error instanceof RefusalError && error.code !== 'rate_limited') await keepRefused(json, error, { ...ingest, now: now() })
    throw error
  }
}

/** Answers `POST /v1/events`, in Hono or beside it. Never rejects. */
export async function answerEvents(request: EventsRequest, options: AnswerEventsOptions): Promise<Answer> {
  let answer: Answer
  try {
    admit(request, options)
    answer = await take(request, options)
  } catch (error) {
    answer = answerTo(error, { log: options.log, doing: 'POST /v1/events' })
  }
  Object.assign(answer.headers, corsHeaders(request.header('origin')))
  return answer
}
