import { LIMITS, parseBatch, type Receipt } from '../../sdk/wire.ts'
import { type Answer, answerTo, errorAnswer, isErrorCode, RefusalError } from '../errors.ts'
import { StoreError } from '../store/store.ts'
import { keepRefused } from './failedEvent.ts'
import type { RateLimit } from './rateLimit.ts'
import { assertJsonType, parseJson, type RequestHeaders } from './readJson.ts'
import { type Ingest, receive, refused } from './receive.ts'
import { isPrefetch } from './verdict.ts'

/** A request to `POST /v1/events`, whoever serves it. */
export interface EventsRequest {
  headers: RequestHeaders
  /** Address of the client, '' when there is none. */
  source: string
}

export interface AnswerEventsOptions {
  ingest: Ingest
  now: () => number
  limitSource: RateLimit
  /** Of a site, over all its visitors. */
  limitSite: RateLimit
  log: (message: string, error?: unknown) => void
}

/** What is said in the log to have failed. */
const DOING = 'POST /v1/events'

/** Lets a page of any origin read the answer, a refusal too: it says what to correct, and the route knows no cookie. */
function allowOrigin(answer: Answer, origin: string | undefined): Answer {
  const { headers } = answer
  headers.Vary = 'Origin'
  if (origin === undefined) return answer
  headers['Access-Control-Allow-Origin'] = origin
  if (headers['Retry-After'] !== undefined) headers['Access-Control-Expose-Headers'] = 'Retry-After'
  return answer
}

/** Turns away who comes too often, or while the queue is full, before the body is read. The body is read when this gives nothing. */
export function admitEvents(
  { headers, source }: EventsRequest,
  { ingest, now, limitSource, log }: AnswerEventsOptions,
): Answer | undefined {
  try {
    limitSource(source, now())
    if (ingest.store.isFull()) throw new StoreError('overloaded', 'collector: too many events are waiting to be committed')
    return undefined
  } catch (error) {
    return allowOrigin(answerTo(error, { log, doing: DOING }), headers.origin)
  }
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
  const options = { log, doing: DOING }
  // What is turned away for coming too often has not come in: it comes again.
  if (!(error instanceof RefusalError) || error.code === 'rate_limited') return answerTo(error, options)
  try {
    await keepRefused(json, error, { ...ingest, now: now() })
    return answerTo(error, options)
  } catch (trouble) {
    return answerTo(trouble, options)
  }
}

/**
 * Answers an admitted `POST /v1/events`, in Hono or beside it. Never rejects.
 *
 * `body` is what was read, or why it could not be. One function of few awaits: it runs for every event of every page.
 */
export async function answerEvents(
  { headers, source, body }: EventsRequest & { body: Uint8Array | Error },
  options: AnswerEventsOptions,
): Promise<Answer> {
  const { ingest, now } = options
  let answer: Answer
  let json: unknown
  try {
    assertJsonType(headers)
    if (body instanceof Error) throw body
    json = parseJson(body)
    const batch = parseBatch(json, { bodyBytes: body.byteLength, maxEvents: LIMITS.eventsFromBrowser })
    options.limitSite(batch.site, now())
    const sender = { origin: headers.origin, userAgent: headers['user-agent'] ?? '', source, isPrefetch: isPrefetch(headers) }
    answer = receiptAnswer(await receive(batch, { sender, now: now(), ingest }))
  } catch (thrown) {
    answer = await refuse(refused(thrown), { json, ...options })
  }
  return allowOrigin(answer, headers.origin)
}
