import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { LIMITS } from '../sdk/wire.ts'
import { ClientGoneError } from './errors.ts'
import type { AnswerEventsOptions } from './ingest/answerEvents.ts'
import { answerEvents } from './ingest/answerEvents.ts'
import { tooLarge } from './ingest/readJson.ts'
import { sourceOf, type TrustedProxies } from './ingest/sourceOf.ts'

/** Reads at most `maxBytes` of a body straight from the socket. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge(maxBytes))
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        request.removeAllListeners('data')
        reject(tooLarge(maxBytes))
      }
    })
    request.on('end', () => {
      const [only] = chunks // nearly always: a batch fits into one read of the socket
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks))
    })
    request.on('error', () => reject(new ClientGoneError()))
  })
}

/** A header of Node's, as one string. */
const headerOf = (request: IncomingMessage) => (name: string) => {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerEventsOptions & { isTrustedProxy: TrustedProxies },
): Promise<void> {
  const header = headerOf(request)
  const { status, headers, body } = await answerEvents(
    {
      header,
      source: sourceOf({ socket: request.socket.remoteAddress, forwarded: header('x-forwarded-for') }, options.isTrustedProxy),
      body: (maxBytes) => readBody(request, maxBytes),
    },
    options,
  )
  const bytes = Buffer.byteLength(body)
  headers['Content-Length'] = String(bytes)
  // Node discards the rest of a body that was not read. One that is too long for that, or has no end, is cut off.
  const isShort = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY) <= LIMITS.bodyBytes
  if (!request.complete && !isShort) headers.Connection = 'close'
  // Text that is all ASCII, as nearly every answer, is written sooner as what it is.
  response.writeHead(status, headers).end(body, bytes === body.length ? 'latin1' : 'utf8')
}

/**
 * Serves `POST /v1/events` straight from Node's request and everything else by `fallback`.
 *
 * The one route that pages call all the time does the same as in Hono, without a web Request and its streams around it: they cost more
 * than parsing, judging and storing the event.
 */
export function serveEvents(options: AnswerEventsOptions & { isTrustedProxy: TrustedProxies }, fallback: RequestListener): RequestListener {
  return (request, response) => {
    if (request.method === 'POST' && request.url === '/v1/events') void serve(request, response, options)
    else fallback(request, response)
  }
}
