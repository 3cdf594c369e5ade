import { RefusalError } from '../errors.ts'

/** Of a request, by lower-case name. Read by names that do not change: a function that looks them up cost half as much as parsing an event. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>

/** Throws on what is not UTF-8, and leaves a byte order mark in the text, which is no JSON. */
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Half of a surrogate pair, alone, written as an escape: valid JSON, but no text. */
const MAYBE_LONE_SURROGATE = /\\u[dD][89a-fA-F]/

function wellFormed(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) throw new SyntaxError('lone surrogate')
  return value
}

/** The refusal of a body over its limit. */
export const tooLarge = (maxBytes: number) =>
  new RefusalError('too_large', `body must be at most ${maxBytes} bytes; send the events in several requests`)

/** Throws RefusalError 415 for a body that is not sent as `text/plain` or `application/json`, or in any content encoding. */
export function assertJsonType(headers: RequestHeaders): void {
  const type = headers['content-type']
  // What the script sends, first: the comparison is most of the work.
  if (type !== 'text/plain' && type !== undefined) {
    const [essence = ''] = type.toLowerCase().split(';', 1)
    if (!['text/plain', 'application/json'].includes(essence.trim())) {
      throw new RefusalError('unsupported_media_type', `content-type must be text/plain or application/json, not "${type.slice(0, 64)}"`)
    }
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new RefusalError(
      'unsupported_media_type',
      `content-encoding "${encoding.slice(0, 64)}" is not understood; send the body as it is`,
    )
  }
}

/** Throws RefusalError `invalid_json` for what is not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    const text = UTF8.decode(bytes)
    return text.includes('\\u') && MAYBE_LONE_SURROGATE.test(text) ? JSON.parse(text, wellFormed) : JSON.parse(text)
  } catch {
    throw new RefusalError('invalid_json', 'body must be JSON in UTF-8')
  }
}

/** Reads at most `maxBytes` of a body, whatever its Content-Length says. Throws RefusalError `too_large`. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The JSON of a request's body. Throws RefusalError: 413 over `maxBytes`, 415, or 400. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  assertJsonType(Object.fromEntries(request.headers))
  return parseJson(await readBytes(request, maxBytes))
}
