import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Every code that an answer can carry, its status and what to do about it. Shown at `/docs/errors`. */
export const ERRORS = {
  invalid_json: { status: 400, help: 'The body must be JSON in UTF-8. Check that it is not cut off and that text is encoded once.' },
  unknown_site: { status: 401, help: 'No site has this id. Make it with PUT /v1/sites/ID, or correct data-site in the script tag.' },
  bad_token: { status: 401, help: 'Send the admin token as "Authorization: Bearer TOKEN". It was printed at the first start.' },
  origin_not_allowed: { status: 403, help: 'Add the origin of the page to the origins of the site: PUT /v1/sites/ID.' },
  not_found: { status: 404, help: 'Nothing is at this address. The README lists the routes.' },
  conflict: { status: 409, help: 'The change contradicts what is recorded already; the message says how to go on.' },
  too_large: { status: 413, help: 'Send fewer events in a request: at most 65,536 bytes, and 8,192 bytes an event.' },
  batch_too_large: { status: 413, help: 'Send at most 100 events in a request, the rest in another.' },
  unsupported_media_type: { status: 415, help: 'Send JSON as text/plain or application/json, without a content encoding.' },
  invalid_event: { status: 422, help: 'The message names the field and what it must be. Correct it and send the event again.' },
  empty_batch: { status: 422, help: 'Send at least one event.' },
  forbidden_key: { status: 422, help: 'The keys __proto__, constructor and prototype are refused. Rename the key.' },
  too_old: { status: 422, help: 'An event from a browser counts up to 7 days after it occurred.' },
  invalid_request: { status: 422, help: 'The message names the field and what it must be.' },
  invalid_filter: { status: 422, help: 'The message names the query parameter and what it must be.' },
  range_too_large: { status: 422, help: 'Ask for fewer days at once, or without "day" in "by".' },
  internal: { status: 500, help: 'This is a mistake of ours; the log of the collector has the details.' },
  overloaded: { status: 503, help: 'The collector takes no more just now. Send the same again after Retry-After seconds.' },
  store_unavailable: { status: 503, help: 'The collector cannot write to its store. Send the same again after Retry-After seconds.' },
} as const satisfies Record<string, { status: number; help: string }>

export type ErrorCode = keyof typeof ERRORS

/** A refusal that the one `onError` turns into an answer: code, status from the table, message for the sender. */
export class RefusalError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  constructor(code: ErrorCode, message: string, field?: string) {
    super(message)
    this.name = 'RefusalError'
    this.code = code
    this.field = field
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** Seconds after which a sender may try again when the collector cannot serve. */
const RETRY_AFTER_SECONDS = '5'

/** The answer `{"error": {code, message, docs, field?}}` with the code's status; `extra` stands beside `error`. */
export function errorAnswer(
  c: Context,
  code: ErrorCode,
  { message, field, extra }: { message: string; field?: string | undefined; extra?: object },
) {
  const { status } = ERRORS[code]
  if (status === 503) c.header('Retry-After', RETRY_AFTER_SECONDS)
  const error = { code, message, docs: `/docs/errors#${code}`, ...(field !== undefined && { field }) }
  return c.json({ error, ...extra }, status as ContentfulStatusCode)
}
