import { type Context, Hono } from 'hono'
import type { Collector } from '../app.ts'
import { errorAnswer, isErrorCode, RefusalError } from '../errors.ts'
import { readBytes, readJson } from '../ingest/readJson.ts'
import { spendCsv } from '../results/csv.ts'
import { isDay } from '../results/days.ts'
import { csvText } from '../spend/csvText.ts'
import { CsvError } from '../spend/parseCsv.ts'
import { receiveSpend, type SpendItem, type SpendReceipt } from '../spend/receiveSpend.ts'
import { readSpendFile } from '../spend/spendFile.ts'
import { pageOf } from './pageOf.ts'
import { queryOf } from './queryOf.ts'
import { sendCsv } from './sendCsv.ts'

/** A year of 27 campaigns at one platform. */
const MAX_SPEND_ROWS = 10_000
const MAX_SPEND_BYTES = 2_097_152

const isCsv = (c: Context) => /^\s*text\/csv\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')

async function itemsOfFile(c: Context): Promise<{ items: SpendItem[]; sums: number }> {
  const defaults = queryOf(c, ['source', 'campaign', 'currency'])
  const encoding = c.req.header('content-encoding')
  if (encoding !== undefined && encoding !== 'identity')
    throw new RefusalError('unsupported_media_type', 'content-encoding is not understood; send the file as it is')
  try {
    return readSpendFile(csvText(await readBytes(c.req.raw, MAX_SPEND_BYTES)), defaults)
  } catch (error) {
    if (error instanceof CsvError) throw new RefusalError('invalid_csv', error.message, 'body')
    throw error
  }
}

async function itemsOfJson(c: Context): Promise<{ items: SpendItem[] }> {
  queryOf(c, [])
  const body = (await readJson(c.req.raw, MAX_SPEND_BYTES)) as { spend?: unknown } | null
  const list = typeof body === 'object' && body !== null ? body.spend : undefined
  if (!Array.isArray(list)) throw new RefusalError('invalid_request', 'spend must be a list', 'spend')
  return { items: list.map((value: unknown) => ({ value })) }
}

/** Nothing could be taken: the first reason is the answer's. */
function refusal(receipt: SpendReceipt, sums: object): Response {
  const [first] = receipt.rejected
  const code = first && isErrorCode(first.code) ? first.code : 'invalid_spend'
  const { status, headers, body } = errorAnswer(code, { message: '', ...first, extra: { ...receipt, ...sums } })
  return new Response(body, { status, headers })
}

/** `POST /v1/spend` takes what campaigns cost elsewhere, as JSON or CSV; `GET /v1/spend` lists it. */
export function spendRoutes({ registry, now }: Collector): Hono {
  const routes = new Hono()
  routes.post('/v1/spend', async (c) => {
    const { items, ...sums } = await (isCsv(c) ? itemsOfFile(c) : itemsOfJson(c))
    if (items.length === 0) throw new RefusalError('empty_batch', 'there is no row of spend', 'spend')
    if (items.length > MAX_SPEND_ROWS)
      throw new RefusalError('batch_too_large', `there are ${items.length} rows; send at most ${MAX_SPEND_ROWS} in a request`, 'spend')
    const receipt = await receiveSpend(items, { registry, now: now() })
    return receipt.rejected.length === items.length ? refusal(receipt, sums) : c.json({ ...receipt, ...sums })
  })
  routes.get('/v1/spend', (c) => {
    const { format = 'json', limit, after, ...filter } = queryOf(c, ['campaign', 'source', 'from', 'to', 'format', 'limit', 'after'])
    if (format !== 'json' && format !== 'csv') throw new RefusalError('invalid_filter', 'format must be json or csv', 'format')
    for (const name of ['from', 'to'] as const)
      if (!isDay(filter[name] ?? '2000-01-01')) throw new RefusalError('invalid_filter', `${name} must be a day like 2026-11-01`, name)
    const rows = registry.spend.rows(filter)
    c.header('Cache-Control', 'no-store')
    if (format === 'json') {
      const { page, next } = pageOf(rows, {
        limit,
        after,
        placeOf: ({ day, source, campaign, currency }) => [day, source, campaign, currency],
      })
      return c.json({ spend: page, next })
    }
    if (limit !== undefined) throw new RefusalError('invalid_filter', 'limit goes with JSON only; CSV has all rows', 'limit')
    if (after !== undefined) throw new RefusalError('invalid_filter', 'after goes with JSON only; CSV has all rows', 'after')
    return sendCsv(c, { name: 'spend', text: spendCsv(rows) })
  })
  return routes
}
