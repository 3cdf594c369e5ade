import { type Context, Hono } from 'hono'
import { parseBatch, type WireEvent } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { answerTo, ERRORS, isErrorCode, RefusalError } from '../errors.ts'
import { keepRefused } from '../ingest/failedEvent.ts'
import { receive, refused } from '../ingest/receive.ts'
import { isPrefetch } from '../ingest/verdict.ts'
import { StoreError } from '../store/store.ts'

/** The smallest transparent GIF, 43 bytes. */
const GIF = Uint8Array.from(Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64'))

/** An image always gets its image; the status is the true one, and a refusal's code stands in a header. */
function gif(c: Context, status: number, code?: string): Response {
  c.header('Content-Type', 'image/gif')
  c.header('Cache-Control', 'no-store')
  c.header('X-Content-Type-Options', 'nosniff')
  c.header('Cross-Origin-Resource-Policy', 'cross-origin')
  if (code !== undefined) c.header('X-Tallymark-Error', code)
  return c.newResponse(GIF, status as 200)
}

const TEXT_FIELDS = ['campaign', 'placement', 'source', 'medium', 'content', 'term', 'orderId', 'leadId', 'value', 'currency'] as const

function eventOf(query: Record<string, string>, { id, at }: { id: string; at: number }): object {
  const event: Record<string, unknown> = { id: query.id ?? id, type: query.type ?? 'impression', occurredAt: at } satisfies Record<
    keyof Pick<WireEvent, 'id' | 'type' | 'occurredAt'>,
    unknown
  >
  for (const key of TEXT_FIELDS) if (query[key]) event[key] = query[key]
  const segment = Object.entries(query).filter(([key, value]) => key.startsWith('segment.') && value !== '')
  if (segment.length > 0) event.segment = Object.fromEntries(segment.map(([key, value]) => [key.slice('segment.'.length), value]))
  return event
}

const originOf = (referer: string | undefined) => (referer !== undefined && URL.canParse(referer) ? new URL(referer).origin : undefined)

/** `GET /v1/pixel.gif`: an event without script. Each load is an event of its own unless `id`, `orderId` or `leadId` say otherwise. */
export function pixelRoutes({ store, registry, now, newId, ingest, sourceOf, limitSource, log }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/pixel.gif', async (c) => {
    const at = now()
    // A HEAD asks about the image; nobody saw anything.
    if (c.req.method !== 'GET') return gif(c, 200)
    const { site, ...query } = c.req.query()
    const given = [eventOf(query, { id: newId(at), at })]
    try {
      limitSource(sourceOf(c), at)
      const batch = parseBatch({ site, sentAt: at, events: given }, { bodyBytes: 0, maxEvents: 1 })
      const sender = {
        origin: originOf(c.req.header('referer')),
        userAgent: c.req.header('user-agent') ?? '',
        source: sourceOf(c),
        isPrefetch: isPrefetch(c.req.header()),
      }
      const { rejected } = await receive(batch, { sender, now: at, ingest })
      const code = rejected[0]?.code
      if (code === undefined) return gif(c, 200)
      return gif(c, isErrorCode(code) ? ERRORS[code].status : 422, code)
    } catch (thrown) {
      const error = refused(thrown)
      if (!(error instanceof RefusalError || error instanceof StoreError)) throw error
      const { status, headers } = answerTo(error, { log, doing: 'GET /v1/pixel.gif' })
      for (const name of ['Retry-After', 'RateLimit', 'RateLimit-Policy']) if (headers[name] !== undefined) c.header(name, headers[name])
      // What is turned away for coming too often has not come in.
      const isKept = error instanceof RefusalError && error.code !== 'rate_limited'
      if (isKept) await keepRefused({ site, events: given }, error, { store, registry, now: at })
      return gif(c, status, error.code)
    }
  })
  return routes
}
