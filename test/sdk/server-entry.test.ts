import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { init, type ServerOptions, TallymarkError } from '../../sdk/server.ts'
import { parseEvent, type WireEvent } from '../../sdk/wire.ts'

interface Answer {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

let server: Server
let endpoint: string
let requests: { headers: IncomingHttpHeaders; url: string; events: WireEvent[]; sentAt: number }[]
/** Answers to come; undefined cuts the connection. When there is none the batch is taken. */
let answers: (Answer | undefined)[]
let waits: number[]
let clock: number

beforeEach(async () => {
  requests = []
  answers = []
  waits = []
  clock = 1_764_000_000_000
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const { events, sentAt } = JSON.parse(text)
      requests.push({ headers: request.headers, url: request.url ?? '', events, sentAt })
      const taken: Answer = { status: 202, body: { accepted: events.length, duplicates: 0, rejected: [] } }
      const answer = answers.length ? answers.shift() : taken
      if (!answer) return request.socket.destroy()
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(JSON.stringify(answer.body ?? { error: { code: 'x', message: 'no' } }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => server.close())

const start = (options: Partial<ServerOptions> = {}) =>
  init({
    endpoint,
    key: 'sk_secret',
    now: () => clock,
    random: () => 0.5,
    async wait(ms) {
      waits.push(ms)
      clock += ms
    },
    ...options,
  })

test('sends what was called, with the key, in one request', async () => {
  const tm = start()
  tm.purchase({ orderId: 1001, value: '499.00', currency: 'NOK', items: [{ id: 'sku-1', price: '499.00' }], campaign: 'spring' })
  tm.signup({ leadId: 'L-1', occurredAt: '2025-11-23T12:00:00Z', segment: { plan: 'pro' } })
  expect(requests).toEqual([])
  expect(await tm.flush()).toEqual({ accepted: 2, duplicates: 0, refused: [] })
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({ url: '/v1/conversions', headers: { authorization: 'Bearer sk_secret' }, sentAt: clock })
  expect(requests[0]?.events).toMatchObject([
    { type: 'purchase', orderId: '1001', value: '499.00', currency: 'NOK', campaign: 'spring', occurredAt: clock },
    { type: 'signup', leadId: 'L-1', segment: { plan: 'pro' } },
  ])
  for (const event of requests[0]?.events ?? []) expect(() => parseEvent(event)).not.toThrow()
  expect(await tm.flush()).toEqual({ accepted: 0, duplicates: 0, refused: [] })
  expect(requests).toHaveLength(1)
})

test('tries again with full jitter, the same ids and a new sentAt', async () => {
  answers = [{ status: 503, headers: { 'retry-after': '2' } }, { status: 429 }, undefined, { status: 500 }]
  const tm = start()
  tm.purchase({ orderId: 'A-1' })
  expect(await tm.flush()).toMatchObject({ accepted: 1 })
  expect(waits).toEqual([2_250, 500, 1_000, 2_000])
  expect(new Set(requests.map(({ events }) => events[0]?.id)).size).toBe(1)
  expect(new Set(requests.map(({ sentAt }) => sentAt)).size).toBe(5)
})

test('says that the collector is away, and keeps the events for the next flush', async () => {
  answers = Array.from({ length: 3 }, () => ({ status: 503 }))
  const tm = start({ attempts: 3 })
  tm.purchase({ orderId: 'A-1' })
  await expect(tm.flush()).rejects.toMatchObject({ name: 'TallymarkError', code: 'unreachable', status: 503 })
  tm.purchase({ orderId: 'A-2' })
  expect(await tm.flush()).toMatchObject({ accepted: 2 })
  expect(requests.at(-1)?.events.map(({ orderId }) => orderId)).toEqual(['A-1', 'A-2'])
})

test('does not repeat what is refused for good', async () => {
  answers = [{ status: 401, body: { error: { code: 'bad_token', message: 'the key is not known' } } }]
  const tm = start()
  tm.purchase({ orderId: 'A-1' })
  await expect(tm.flush()).rejects.toMatchObject({ code: 'refused', status: 401, message: 'tallymark: flush: the key is not known' })
  expect(await tm.flush()).toMatchObject({ accepted: 0 })
  expect(requests).toHaveLength(1)
})

test.each([202, 422])('tells which events a batch answered %i lost', async (status) => {
  const why = { code: 'invalid_event', field: 'value', message: 'value is wrong' }
  answers = [{ status, body: { accepted: 0, duplicates: 1, rejected: [{ index: 1, ...why }] } }]
  const tm = start()
  tm.purchase({ orderId: 'A-1' })
  tm.purchase({ orderId: 'A-2' })
  expect(await tm.flush()).toEqual({
    accepted: 0,
    duplicates: 1,
    refused: [{ event: expect.objectContaining({ orderId: 'A-2' }), ...why }],
  })
})

test('sends 1,000 events a request, and half of it when that is too large', async () => {
  answers = [{ status: 413 }]
  const tm = start()
  for (let i = 0; i < 2_500; i++) tm.purchase({ orderId: `A-${i}` })
  expect(await tm.flush()).toMatchObject({ accepted: 2_500 })
  expect(requests.map(({ events }) => events.length)).toEqual([1_000, 500, 500, 1_000, 500])
  expect(new Set(requests.slice(1).flatMap(({ events }) => events.map(({ orderId }) => orderId))).size).toBe(2_500)
})

test('flushes one after another, each event once', async () => {
  const tm = start()
  tm.purchase({ orderId: 'A-1' })
  const first = tm.flush()
  tm.purchase({ orderId: 'A-2' })
  const results = await Promise.all([first, tm.flush(), tm.flush()])
  expect(results.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(2)
  expect(requests.flatMap(({ events }) => events.map(({ orderId }) => orderId)).sort()).toEqual(['A-1', 'A-2'])
})

test.each<[string, (tm: ReturnType<typeof init>) => void, RegExp]>([
  ['a purchase without an order', (tm) => tm.purchase({} as never), /purchase needs an orderId/],
  ['a purchase without input', (tm) => (tm.purchase as () => void)(), /purchase needs an orderId/],
  ['a value without a currency', (tm) => tm.purchase({ orderId: 'A-1', value: '1.00' }), /purchase: currency is missing/],
  ['too many decimals', (tm) => tm.purchase({ orderId: 'A-1', value: '1.005', currency: 'NOK' }), /purchase: value must have at most 2/],
  ['an order id over 64 characters', (tm) => tm.purchase({ orderId: 'x'.repeat(65) }), /purchase: orderId must be 1 to 64/],
  ['a time that is none', (tm) => tm.signup({ occurredAt: 'yesterday' }), /signup: occurredAt/],
])('refuses %s, naming call and fix', (_, call, message) => {
  const tm = start()
  expect(() => call(tm)).toThrow(TallymarkError)
  expect(() => call(tm)).toThrow(message)
})

test('refuses to start without endpoint or key, and to grow without bound', () => {
  expect(() => init({ endpoint } as never)).toThrow(/init needs endpoint and key/)
  const tm = start()
  for (let i = 0; i < 10_000; i++) tm.click()
  expect(() => tm.click()).toThrow(/click: 10000 events wait; call flush/)
})
