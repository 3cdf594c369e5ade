import { RefusalError } from '../errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Half of a surrogate pair, alone, written as an escape: valid JSON, but no text. */
const MAYBE_LONE_SURROGATE = /\\u[dD][89a-fA-F]/

export interface JsonBody {
  json: unknown
  bytes: number
}

function wellFormed(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed())) throw new SyntaxError('lone surrogate')
  return value
}

/** Reads at most `maxBytes` of a body, whatever its Content-Length says. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new RefusalError('too_large', `body must be at most ${maxBytes} bytes; send the events in several requests`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The JSON of a request's body, sent as `text/plain` (a browser, without preflight) or `application/json`.
 *
 * Throws RefusalError: 413 over `maxBytes`, 415 for another type or any content encoding, 400 for what is not JSON in UTF-8.
 */
export async function readJson(request: Request, maxBytes: number): Promise<JsonBody> {
  const type = (request.headers.get('content-type') ?? 'text/plain').split(';', 1).join('').trim().toLowerCase()
  if (type !== 'text/plain' && type !== 'application/json') {
    throw new RefusalError('unsupported_media_type', `content-type must be text/plain or application/json, not "${type.slice(0, 64)}"`)
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity') {
    throw new RefusalError(
      'unsupported_media_type',
      `content-encoding "${encoding.slice(0, 64)}" is not understood; send the body as it is`,
    )
  }
  const bytes = await readBytes(request, maxBytes)
  try {
    const text = decoder.decode(bytes)
    const json: unknown = MAYBE_LONE_SURROGATE.test(text) ? JSON.parse(text, wellFormed) : JSON.parse(text)
    return { json, bytes: bytes.byteLength }
  } catch {
    throw new RefusalError('invalid_json', 'body must be JSON in UTF-8')
  }
}
