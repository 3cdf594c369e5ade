import { LIMITS, parseBatch, type Receipt } from '../../sdk/wire.ts'
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

/** Lets a page of any origin read the answer, a refusal too: it says what to correct, and the route knows no cookie. */
function allowOrigin({ headers }: Answer, origin: string | undefined): void {
  headers.Vary = 'Origin'
  if (origin === undefined) return
  headers['Access-Control-Allow-Origin'] = origin
  if (headers['Retry-After'] !== undefined) headers['Access-Control-Expose-Headers'] = 'Retry-After'
}

/** Whoever comes too often, or while the queue is full, is turned away before the body is read. */
function admit({ source }: EventsRequest, { ingest, now, limitSource }: AnswerEventsOptions): void {
  limitSource(source, now())
  if (ingest.store.isFull()) throw new StoreError('overloaded', 'collector: too many events are waiting to be committed')
}

/** What the sender is told of a batch that was read. */
function receiptAnswer(receipt: Receipt): Answer {
  const [first] = receipt.rejected
  // Where nothing in it could be taken, the status says so, too.
  if (first && receipt.accepted + receipt.duplicates === 0) {
    return errorAnswer(isErrorCode(first.code) ? first.code : 'invalid_event', { ...first, extra: receipt })
  }
  return { status: 202, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(receipt) }
}

/** The answer to what was thrown. What did not parse or may not be reported is kept with its reason first. */
async function refuse(error: unknown, { json, ingest, now, log }: AnswerEventsOptions & { json: unknown }): Promise<Answer> {
  const options = { log, doing: 'POST /v1/events' }
  // What is turned away for coming too often has not come in: it comes again.
  if (!(error instanceof RefusalError) || error.code === 'rate_limited') return answerTo(error, options)
  try {
    await keepRefused(json, error, { ...ingest, now: now() })
    return answerTo(error, options)
  } catch (trouble) {
    return answerTo(trouble, options)
  }
}

/** Answers `POST /v1/events`, in Hono or beside it. Never rejects. One function of few awaits: it runs for every event of every page. */
export async function answerEvents(request: EventsRequest, options: AnswerEventsOptions): Promise<Answer> {
  const { header, source } = request
  const { ingest, now } = options
  const origin = header('origin')
  let answer: Answer
  let json: unknown
  try {
    admit(request, options)
    assertJsonType(header)
    const bytes = await request.body(LIMITS.bodyBytes)
    json = parseJson(bytes)
    const batch = parseBatch(json, { bodyBytes: bytes.byteLength, maxEvents: LIMITS.eventsFromBrowser })
    options.limitSite(batch.site, now())
    const sender = { origin, userAgent: header('user-agent') ?? '', source, isPrefetch: isPrefetch(header) }
    answer = receiptAnswer(await receive(batch, { sender, now: now(), ingest }))
  } catch (thrown) {
    answer = await refuse(refused(thrown), { json, ...options })
  }
  allowOrigin(answer, origin)
  return answer
}
