import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { LIMITS } from '../sdk/wire.ts'
import type { DirectRequest } from './directRequest.ts'
import { type Answer, ClientGoneError } from './errors.ts'
import { type AnswerEventsOptions, admitEvents, answerEvents } from './ingest/answerEvents.ts'
import { type RequestHeaders, tooLarge } from './ingest/readJson.ts'
import { sourceOf, type TrustedProxies } from './ingest/sourceOf.ts'

const NOTHING = new Uint8Array()

/** Reads at most `maxBytes` of a body and hands it on once, or why it could not. */
function readBody(request: DirectRequest, maxBytes: number, done: (body: Uint8Array | Error) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done(tooLarge(maxBytes))
    return
  }
  let first: Buffer | undefined // nearly always all: a batch fits into one read of the socket
  let more: Buffer[] | undefined
  let size = 0
  let isDone = false
  const finish = (body: Uint8Array | Error) => {
    if (!isDone) done(body) // what comes after is of no more use, an error of the socket among it
    isDone = true
  }
  request.takeBody((part) => {
    if (isDone) return
    if (part === null) return finish(more ? Buffer.concat(more) : (first ?? NOTHING))
    size += part.length
    if (size > maxBytes) return finish(tooLarge(maxBytes))
    if (more) more.push(part)
    else if (first) more = [first, part]
    else first = part
  })
  request.on('error', () => finish(new ClientGoneError()))
}

function send({
  request,
  response,
  answer: { status, headers, body },
}: {
  request: IncomingMessage
  response: ServerResponse
  answer: Answer
}): void {
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
export function serveEvents(
  options: AnswerEventsOptions & { isTrustedProxy: TrustedProxies },
  fallback: RequestListener,
): RequestListener<typeof DirectRequest> {
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/events') return fallback(request, response)
    const headers = request.headers as RequestHeaders // but Set-Cookie, which is for answers
    const { remoteAddress: socket } = request.socket
    const asked = { headers, source: sourceOf({ socket, forwarded: headers['x-forwarded-for'] }, options.isTrustedProxy) }
    const refusal = admitEvents(asked, options)
    if (refusal) return send({ request, response, answer: refusal })
    readBody(request, LIMITS.bodyBytes, (body) => {
      void answerEvents({ ...asked, body }, options).then((answer) => send({ request, response, answer }))
    })
  }
}
