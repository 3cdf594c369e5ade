import { Hono } from 'hono'
import { LIMITS, parseTime, type Rejection, SERVER_BODY_BYTES, WireError } from '../../sdk/wire.ts'
import type { Collector } from '../app.ts'
import { authenticateServer } from '../authenticateServer.ts'
import { type ErrorCode, errorAnswer, RefusalError } from '../errors.ts'
import { assertJsonType, parseJson } from '../ingest/readJson.ts'
import type { AdjustmentRequest } from '../store/store.ts'

const USER_ACTIONS = ['refund', 'cancel', 'restate', 'approve', 'reject'] as const

type Bag = Record<string, unknown>
const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value)

function fail(field: string, message: string): never {
  throw new WireError('invalid_adjustment', field, `${field} ${message}`)
}

function idIn(item: Bag, field: string, maxLength: number): string {
  const value = item[field]
  if (typeof value !== 'string' || value === '' || value.length > maxLength) fail(field, `must be a string of 1 to ${maxLength} characters`)
  return value
}

/** One item of the list, checked. Throws WireError naming the field. */
function parseAdjustment(item: unknown, { site, now }: { site: string; now: number }): AdjustmentRequest {
  if (!isBag(item)) return fail('adjustment', 'must be an object')
  const { action, value, currency, orderId, leadId } = item
  if (!USER_ACTIONS.includes(action as 'refund')) fail('action', `must be one of ${USER_ACTIONS.join(', ')}`)
  if ((orderId === undefined) === (leadId === undefined)) fail('orderId', 'or leadId must be there, and not both')
  if (value !== undefined && typeof value !== 'string' && typeof value !== 'number') fail('value', 'must be a decimal string like "100.00"')
  if (value !== undefined && action !== 'refund' && action !== 'restate') fail('value', 'goes with refund and restate only')
  if (currency !== undefined && typeof currency !== 'string') fail('currency', 'must be an ISO 4217 code like "NOK"')
  const at = item.at === undefined ? now : parseTime(item.at, 'at')
  return {
    site,
    order:
      orderId === undefined
        ? { leadId: idIn(item, 'leadId', LIMITS.orderIdLength) }
        : { orderId: idIn(item, 'orderId', LIMITS.orderIdLength) },
    id: idIn(item, 'id', LIMITS.tagLength),
    action: action as AdjustmentRequest['action'],
    at: Math.min(at, now),
    ...(value !== undefined && { value }),
    ...(currency !== undefined && { currency }),
  }
}

/** The list, as it was sent. Throws RefusalError where there is none, or too long a one. */
function listIn(body: unknown): unknown[] {
  const list = isBag(body) ? body.adjustments : undefined
  if (!Array.isArray(list)) throw new RefusalError('invalid_request', 'adjustments must be a list', 'adjustments')
  if (list.length === 0) throw new RefusalError('empty_batch', 'adjustments is empty', 'adjustments')
  if (list.length > LIMITS.eventsFromServer)
    throw new RefusalError('batch_too_large', `adjustments must be at most ${LIMITS.eventsFromServer}`, 'adjustments')
  return list
}

/** What a request is answered with of which nothing could be taken. */
const STATUS_OF: Record<string, ErrorCode> = { not_found: 'not_found', id_conflict: 'conflict' }

/** `POST /v1/adjustments`: what became of orders and leads, by a server of the site: refund, cancel, restate, approve, reject. */
export function adjustmentRoutes(collector: Collector): Hono {
  const { now, store } = collector
  const routes = new Hono()

  routes.post('/v1/adjustments', async (c) => {
    const at = now()
    const { key, bytes } = await authenticateServer(c, collector, { maxBytes: SERVER_BODY_BYTES, now: at })
    assertJsonType(Object.fromEntries(c.req.raw.headers))
    const rejected: Rejection[] = []
    const requests: { index: number; request: AdjustmentRequest }[] = []
    for (const [index, item] of listIn(parseJson(bytes)).entries()) {
      try {
        requests.push({ index, request: parseAdjustment(item, { site: key.site, now: at }) })
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        rejected.push({ index, code: error.code, field: error.field, message: error.message })
      }
    }
    const outcomes =
      requests.length === 0
        ? []
        : await store.adjust(
            requests.map(({ request }) => request),
            at,
          )
    const adjustments: object[] = []
    const taken = { accepted: 0, duplicate: 0 }
    for (const [i, { index, request }] of requests.entries()) {
      const result = outcomes[i]
      if (!result) continue
      if (result.outcome === 'refused') {
        const { code, field, message } = result
        rejected.push({ index, code, field, message })
        continue
      }
      const { id, verdict, valueMinor = null, currency = null, campaign } = result.event
      taken[result.outcome] += 1
      adjustments.push({
        index,
        id: request.id,
        outcome: result.outcome,
        event: id,
        campaign: campaign || null,
        verdict,
        valueMinor,
        currency,
      })
    }
    rejected.sort((a, b) => a.index - b.index)
    const receipt = { accepted: taken.accepted, duplicates: taken.duplicate, rejected, adjustments }
    const [first] = rejected
    if (adjustments.length > 0 || !first) return c.json(receipt)
    const { status, headers, body } = errorAnswer(STATUS_OF[first.code] ?? 'invalid_request', { ...first, extra: receipt })
    return new Response(body, { status, headers })
  })
  return routes
}
