import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Listening, listen } from '../../collector/listen.ts'
import { init, type ServerOptions } from '../../sdk/server.ts'
import { signedHeaders, signingId } from '../../sdk/server-sign.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'
import { type SigningKey, signed } from '../support/sign.ts'

let collector: TestCollector
let listening: Listening
let key: SigningKey
/** Headers of what was sent. */
let sent: Headers[]
beforeEach(async () => {
  collector = await testCollector()
  listening = await listen(collector.built, { port: 0, host: '127.0.0.1' })
  key = await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop', signs: true })).json()
  sent = []
})
afterEach(async () => {
  await listening.close()
  await collector.destroy()
})

/** Answers to come instead of the collector's. */
const start = (options: Partial<ServerOptions> = {}, instead: Response[] = []) =>
  init({
    endpoint: `http://127.0.0.1:${listening.port}`,
    key: key.key,
    now: () => collector.clock.now,
    random: () => 0.5,
    wait: async (ms) => {
      collector.clock.now += ms
    },
    fetch(url, request) {
      sent.push(new Headers(request?.headers))
      const answer = instead.shift()
      return answer ? Promise.resolve(answer) : fetch(url, request)
    },
    ...options,
  })

test('signs with a key that signs, and never sends it', async () => {
  const tm = start()
  tm.purchase({ orderId: 'Ø-1001 🛒', value: '499.00', currency: 'NOK', campaign: 'spring' })
  expect(await tm.flush()).toEqual({ accepted: 1, duplicates: 0, refused: [] })
  expect(sent).toHaveLength(1)
  expect(sent[0]?.has('authorization')).toBe(false)
  expect(JSON.stringify([...(sent[0] ?? [])])).not.toContain(key.key.slice(-43))
  expect(await collector.results('by=witness')).toMatchObject({ rows: [{ witness: 'server', purchases: 1, revenueMinor: 49_900 }] })
})

test('signs each attempt anew, so that a long wait outlives no signature', async () => {
  const tm = start({}, [
    new Response('', { status: 503, headers: { 'retry-after': '300' } }),
    new Response('', { status: 503, headers: { 'retry-after': '300' } }),
  ])
  tm.purchase({ orderId: 'A-1001', value: '499.00', currency: 'NOK' })
  expect(await tm.flush()).toMatchObject({ accepted: 1 })
  const times = sent.map((headers) => Number(headers.get('tallymark-timestamp')) - NOON / 1_000)
  expect(times).toEqual([0, 300, 600])
  expect(new Set(sent.map((headers) => headers.get('tallymark-signature'))).size).toBe(3)
})

test('says that its key was revoked', async () => {
  await collector.admin('DELETE', `/v1/keys/${key.id}`)
  const tm = start()
  tm.purchase({ orderId: 'A-1001' })
  await expect(tm.flush()).rejects.toMatchObject({
    code: 'refused',
    status: 401,
    message: expect.stringContaining('Tallymark-Signature must be'),
  })
})

test('tells of an order that is known with another value', async () => {
  const tm = start()
  tm.purchase({ orderId: 'A-1001', value: '499.00', currency: 'NOK' })
  tm.purchase({ orderId: 'A-1001', value: '1.00', currency: 'NOK' })
  expect(await tm.flush()).toMatchObject({ accepted: 1, duplicates: 0, refused: [{ code: 'id_conflict', event: { value: '1.00' } }] })
})

test('makes the signature that the documentation describes', async () => {
  for (const body of ['', '{"events": []}', 'Ø 🛒 \u2028'])
    expect(new Headers(await signedHeaders(body, { key: key.key, id: key.id, now: NOON + 999 }))).toEqual(
      new Headers(signed(key, body, NOON)),
    )
})

test.each([
  [`signing_${idNumber(1)}_secret`, idNumber(1)],
  ['sk_signing', undefined],
  [`sk_${idNumber(1)}_secret`, undefined],
  [`signing_${idNumber(1)}_`, undefined],
])('of %s the id is %s', (text, id) => {
  expect(signingId(text)).toBe(id)
})
