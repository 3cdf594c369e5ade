import { StoreError } from './store/store.ts'

/** Every code that an answer can carry, its status and what to do about it. Shown at `/docs/errors`. */
export const ERRORS = {
  invalid_json: { status: 400, help: 'The body must be JSON in UTF-8. Check that it is not cut off and that text is encoded once.' },
  unknown_site: { status: 401, help: 'No site has this id. Make it with PUT /v1/sites/ID, or correct data-site in the script tag.' },
  bad_token: {
    status: 401,
    help: 'Send the admin token, printed at the first start, as "Authorization: Bearer TOKEN"; where a server reports, a secret key of its site.',
  },
  bad_signature: {
    status: 401,
    help: 'Sign the bytes that are sent, as they are sent, with a key that signs and was not revoked: docs/server.md shows how.',
  },
  timestamp_out_of_range: {
    status: 401,
    help: 'Set the clock of the sender, and sign anew at each attempt: a signature holds for 300 seconds.',
  },
  origin_not_allowed: { status: 403, help: 'Add the origin of the page to the origins of the site: PUT /v1/sites/ID.' },
  not_found: { status: 404, help: 'Nothing is at this address. The README lists the routes.' },
  conflict: { status: 409, help: 'The change contradicts what is recorded already; the message says how to go on.' },
  id_conflict: {
    status: 409,
    help: 'The order, lead or id is known with other content, which stands. Correct it with an adjustment, or send what is another event under an id of its own.',
  },
  too_large: { status: 413, help: 'Send fewer events in a request: at most 65,536 bytes, and 8,192 bytes an event.' },
  batch_too_large: { status: 413, help: 'Send at most 100 events in a request, the rest in another.' },
  unsupported_media_type: { status: 415, help: 'Send JSON as text/plain or application/json, without a content encoding.' },
  invalid_csv: { status: 422, help: 'The message names the line. Correct the file and send all of it again: nothing of it was taken.' },
  invalid_event: { status: 422, help: 'The message names the field and what it must be. Correct it and send the event again.' },
  empty_batch: { status: 422, help: 'Send at least one event.' },
  forbidden_key: { status: 422, help: 'The keys __proto__, constructor and prototype are refused. Rename the key.' },
  too_old: { status: 422, help: 'An event from a browser counts up to 7 days after it occurred.' },
  invalid_request: { status: 422, help: 'The message names the field and what it must be.' },
  invalid_spend: { status: 422, help: 'The message names the field and what it must be. Correct the row and send it again.' },
  invalid_filter: { status: 422, help: 'The message names the query parameter and what it must be.' },
  range_too_large: { status: 422, help: 'Ask for fewer days at once, or without "day" in "by".' },
  rate_limited: { status: 429, help: 'Too many requests from one address. Send the same again after Retry-After seconds.' },
  internal: { status: 500, help: 'This is a mistake of ours; the log of the collector has the details.' },
  overloaded: { status: 503, help: 'The collector takes no more just now. Send the same again after Retry-After seconds.' },
  store_unavailable: { status: 503, help: 'The collector cannot write to its store. Send the same again after Retry-After seconds.' },
} as const satisfies Record<string, { status: number; help: string }>

export type ErrorCode = keyof typeof ERRORS

/** A refusal that the one `onError` turns into an answer: code, status from the table, message for the sender. */
export class RefusalError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  /** Beyond those that every refusal has. */
  readonly headers: Record<string, string>
  constructor(code: ErrorCode, message: string, field?: string, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'RefusalError'
    this.code = code
    this.field = field
    this.headers = headers
  }
}

/** The client went away before its request was there: nobody is left to answer, and nothing is wrong. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError'
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** Seconds after which a sender may try again when the collector cannot serve. */
const RETRY_AFTER_SECONDS = 5

/** An answer without a framework around it. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** The answer `{"error": {code, message, docs, field?}}` with the code's status; `extra` stands beside `error`. */
export function errorAnswer(
  code: ErrorCode,
  { message, field, extra, headers }: { message: string; field?: string | undefined; extra?: object; headers?: Record<string, string> },
): Answer {
  const { status } = ERRORS[code]
  const error = { code, message, docs: `/docs/errors#${code}`, ...(field !== undefined && { field }) }
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...(status === 503 && { 'Retry-After': String(RETRY_AFTER_SECONDS) }), ...headers },
    body: JSON.stringify({ error, ...extra }),
  }
}

/** What a thrown error is answered with: a refusal by its code, trouble of the store as 503, the rest as 500 without its details. */
export function answerTo(error: unknown, { log, doing }: { log: (message: string, error?: unknown) => void; doing: string }): Answer {
  if (error instanceof RefusalError) return errorAnswer(error.code, error)
  if (error instanceof ClientGoneError) return errorAnswer('invalid_json', { message: 'the body ended early' })
  if (error instanceof StoreError) {
    log(error.message)
    return errorAnswer(error.code, { message: 'the collector cannot take this now; send the same again later' })
  }
  log(`collector: ${doing} failed`, error)
  return errorAnswer('internal', { message: 'something went wrong in the collector' })
}
