import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../collector/listen.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'
import { type SigningKey, signed } from '../support/sign.ts'

const MINUTE = 60_000
let collector: TestCollector
let listening: Listening
let key: SigningKey
beforeEach(async () => {
  collector = await testCollector()
  listening = await listen(collector.built, { port: 0, host: '127.0.0.1' })
  key = await makeKey()
})
afterEach(async () => {
  await listening.close()
  await collector.destroy()
})

const makeKey = async (): Promise<SigningKey> =>
  (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop', signs: true })).json()

const order = (change = {}) => ({ type: 'purchase', orderId: 'A-1001', value: '499.00', currency: 'NOK', campaign: 'spring', ...change })
const bodyOf = (...events: object[]) => JSON.stringify({ events })
const BODY = bodyOf(order())

function send(body: string | Uint8Array, headers: Record<string, string>, path = '/v1/conversions'): Promise<Response> {
  const url = `http://127.0.0.1:${listening.port}${path}`
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: body as BodyInit })
}
async function answer(body: string | Uint8Array, headers: Record<string, string>) {
  const response = await send(body, headers)
  const text = await response.text()
  return { status: response.status, text, json: JSON.parse(text) }
}
const counters = () => collector.store.counters()

describe('a signed POST /v1/conversions', () => {
  it('counts as one with the key does', async () => {
    const { status, json } = await answer(BODY, signed(key, BODY, NOON))
    expect([status, json]).toEqual([
      202,
      {
        accepted: 1,
        duplicates: 0,
        rejected: [],
        events: [{ index: 0, id: expect.any(String), outcome: 'accepted', verdict: 'counted', campaign: 'spring' }],
      },
    ])
    expect(await collector.results('by=witness')).toMatchObject({ rows: [{ witness: 'server', purchases: 1, revenueMinor: 49_900 }] })
  })

  it('can be made by openssl', async () => {
    const timestamp = String(NOON / 1_000)
    const secret = execFileSync('openssl', ['dgst', '-sha256'], { input: key.key }).toString().trim().slice(-64)
    const hmac = execFileSync('openssl', ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${secret}`], {
      input: `${timestamp}.${BODY}`,
    })
    const headers = {
      'tallymark-key': key.id,
      'tallymark-timestamp': timestamp,
      'tallymark-signature': `v1=${hmac.toString().trim().slice(-64)}`,
    }
    expect((await send(BODY, headers)).status).toBe(202)
  })

  it('is over the bytes, whatever they are', async () => {
    const body = Buffer.from(`\n ${bodyOf(order({ orderId: 'Ø-1 🛒' }))}\r\n`)
    expect((await send(body, signed(key, body, NOON))).status).toBe(202)
    const broken = Buffer.from([0x7b, 0xff, 0xfe, 0x00])
    expect(await answer(broken, signed(key, broken, NOON))).toMatchObject({ status: 400, json: { error: { code: 'invalid_json' } } })
  })

  it.each([
    ['a signature of another body', (own: SigningKey) => signed(own, bodyOf(order({ value: '1.00' })), NOON)],
    ['the body serialised again', (own: SigningKey) => signed(own, JSON.stringify(JSON.parse(BODY), null, 2), NOON)],
    [
      'another time than was signed',
      (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Timestamp': String(NOON / 1_000 + 1) }),
    ],
    [
      'a time written differently than was signed',
      (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Timestamp': `0${NOON / 1_000}` }),
    ],
    ['the key itself as secret', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Signature': `v1=${own.key}` })],
    ['no key', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Key': '' })],
    ['an unknown key', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Key': idNumber(1) })],
    ['no time', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Timestamp': '' })],
    ['a time in words', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Timestamp': '2026-11-24T12:00:00Z' })],
    [
      'a digit too many',
      (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Signature': `${signed(own, BODY, NOON)['Tallymark-Signature']}0` }),
    ],
    ['an empty signature', (own: SigningKey) => ({ ...signed(own, BODY, NOON), 'Tallymark-Signature': '' })],
    [
      'half a signature',
      (own: SigningKey) => ({
        ...signed(own, BODY, NOON),
        'Tallymark-Signature': signed(own, BODY, NOON)['Tallymark-Signature']?.slice(0, 35) ?? '',
      }),
    ],
    [
      'another version',
      (own: SigningKey) => ({
        ...signed(own, BODY, NOON),
        'Tallymark-Signature': (signed(own, BODY, NOON)['Tallymark-Signature'] ?? '').replace('v1', 'v0'),
      }),
    ],
    ['a bad signature and the key as bearer', (own: SigningKey) => ({ ...signed(own, '', NOON), authorization: `Bearer ${own.key}` })],
  ])('is refused with %s, always in the same words', async (_name, headersOf) => {
    const { status, json, text } = await answer(BODY, headersOf(key))
    expect([status, json.error.code]).toEqual([401, 'bad_signature'])
    expect(text).toBe((await answer(BODY, signed({ id: 'nobody', key: 'guess' }, BODY, NOON))).text)
    expect(await counters()).toMatchObject({ received: 0 })
  })

  it.each([
    [-5 * MINUTE, 202],
    [5 * MINUTE, 202],
    [-5 * MINUTE - 1_000, 401],
    [-6 * MINUTE, 401],
    [5 * MINUTE + 1_000, 401],
    [6 * MINUTE, 401],
  ])('signed %i ms from now is answered %i', async (offset, expected) => {
    const { status, json } = await answer(BODY, signed(key, BODY, NOON + offset))
    expect(status).toBe(expected)
    if (expected === 401) expect(json.error).toMatchObject({ code: 'timestamp_out_of_range', field: 'Tallymark-Timestamp' })
    expect(await counters()).toMatchObject({ received: expected === 202 ? 1 : 0 })
  })

  it('counts once when it is replayed, and not at all after five minutes', async () => {
    const headers = signed(key, BODY, NOON)
    expect((await answer(BODY, headers)).json).toMatchObject({ accepted: 1, duplicates: 0 })
    collector.clock.now = NOON + 5 * MINUTE
    const again = await Promise.all([answer(BODY, headers), answer(BODY, headers), answer(BODY, headers)])
    for (const { status, json } of again) {
      expect(status).toBe(202)
      expect(json).toMatchObject({ accepted: 0, duplicates: 1, rejected: [], events: [{ outcome: 'duplicate', campaign: 'spring' }] })
    }
    collector.clock.now += 1
    expect((await answer(BODY, headers)).json.error.code).toBe('timestamp_out_of_range')
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 1, revenueMinor: 49_900 } })
  })

  it('can change its key without a pause', async () => {
    const next = await makeKey()
    for (const [i, one] of [key, next].entries()) {
      const body = bodyOf(order({ orderId: `A-${i}` }))
      expect((await send(body, signed(one, body, NOON))).status).toBe(202)
      // Each secret goes with its own id only.
      expect((await send(body, { ...signed(one, body, NOON), 'Tallymark-Key': (i === 0 ? next : key).id })).status).toBe(401)
    }
    await collector.admin('DELETE', `/v1/keys/${key.id}`)
    const [revoked, unknown] = [
      await answer(BODY, signed(key, BODY, NOON)),
      await answer(BODY, signed({ ...key, id: idNumber(9) }, BODY, NOON)),
    ]
    expect(revoked).toMatchObject({ status: 401, json: { error: { code: 'bad_signature' } } })
    expect(revoked.text).toBe(unknown.text)
    expect((await send(BODY, signed(next, BODY, NOON))).status).toBe(202)
  })

  it('accepts one right signature among several', async () => {
    const headers = signed(key, BODY, NOON)
    const several = `v0=abc, v1=${'0'.repeat(64)},${headers['Tallymark-Signature']}`
    expect((await send(BODY, { ...headers, 'Tallymark-Signature': several })).status).toBe(202)
  })

  it('leaves each key its own way: one that signs is no bearer, a bearer cannot sign', async () => {
    expect(await answer(BODY, { authorization: `Bearer ${key.key}` })).toMatchObject({
      status: 401,
      json: { error: { code: 'bad_token' } },
    })
    const bearer: SigningKey = await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()
    expect(await answer(BODY, signed(bearer, BODY, NOON))).toMatchObject({ status: 401, json: { error: { code: 'bad_signature' } } })
    expect(await counters()).toMatchObject({ received: 0 })
  })

  it('adjusts orders, too, once however often it is replayed', async () => {
    await send(BODY, signed(key, BODY, NOON))
    const body = JSON.stringify({ adjustments: [{ id: 'r-1', orderId: 'A-1001', action: 'refund', value: '100.00' }] })
    const headers = signed(key, body, NOON)
    const post = async (changed = headers) => {
      const response = await send(body, changed, '/v1/adjustments')
      return [response.status, await response.json()]
    }
    expect(await post()).toMatchObject([200, { accepted: 1 }])
    expect(await post()).toMatchObject([200, { accepted: 0, duplicates: 1 }])
    expect(await post({ ...headers, 'Tallymark-Timestamp': '1' })).toMatchObject([401, { error: { code: 'timestamp_out_of_range' } }])
    expect(await post(signed(key, BODY, NOON))).toMatchObject([401, { error: { code: 'bad_signature' } }])
    expect(await post({ authorization: `Bearer ${key.key}` })).toMatchObject([401, { error: { code: 'bad_token' } }])
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 1, revenueMinor: 39_900 } })
  })

  it('is limited before it is known, and its body bounded', async () => {
    const limited = await testCollector({ ratePerSource: 1 })
    const post = () => limited.app.request('/v1/conversions', { method: 'POST', headers: signed(key, BODY, NOON), body: BODY })
    expect([(await post()).status, (await post()).status, (await post()).status]).toEqual([401, 401, 429])
    await limited.destroy()
    const long = ' '.repeat(1_048_577)
    expect(await answer(long, signed(key, long, NOON))).toMatchObject({ status: 413, json: { error: { code: 'too_large' } } })
  })

  it('gives a signing key once, and keeps only what verifies', async () => {
    expect(key).toMatchObject({ signs: true, key: expect.stringMatching(new RegExp(`^signing_${key.id}_[\\w-]{43}$`)) })
    const listed = await (await collector.admin('GET', '/v1/keys')).json()
    expect(listed.keys).toEqual([
      expect.objectContaining({ id: key.id, signs: true, prefix: key.key.slice(0, `signing_${key.id}_`.length + 6) }),
    ])
    expect(JSON.stringify([listed, await collector.store.config()])).not.toContain(key.key.slice(-30))
  })
})

describe('what contradicts an order that is known', () => {
  const report = async (...events: object[]) => answer(bodyOf(...events), signed(key, bodyOf(...events), NOON))
  const conflicted = { code: 'id_conflict', field: 'orderId', message: expect.stringContaining('"A-1001" is known with other content') }

  it.each([
    ['another value', { value: '1.00' }],
    ['another currency', { currency: 'SEK' }],
    ['another campaign', { campaign: 'autumn' }],
  ])('%s is told, and the first stands', async (_name, change) => {
    await report(order())
    const { status, json } = await report(order(change))
    expect([status, json]).toEqual([
      409,
      {
        error: { ...conflicted, docs: '/docs/errors#id_conflict' },
        accepted: 0,
        duplicates: 0,
        rejected: [{ index: 0, ...conflicted }],
        events: [],
      },
    ])
    // Said again it is the same answer, and the neighbours are not hurt.
    const mixed = await report(order({ orderId: 'A-1002' }), order(change), order())
    expect([mixed.status, mixed.json]).toMatchObject([202, { accepted: 1, duplicates: 1, rejected: [{ index: 1, code: 'id_conflict' }] }])
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 2, revenueMinor: 99_800 } })
    expect(await collector.store.verify()).toEqual([])
  })

  it('an id used for another order, or another kind of event', async () => {
    const id = idNumber(7)
    await report(order({ id }))
    for (const change of [{ orderId: 'A-1002' }, { type: 'signup', orderId: undefined, leadId: 'L-1', value: undefined }])
      expect((await report(order({ id, ...change }))).status).toBe(409)
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 1, signups: 0 } })
  })

  it('is none where the order was adjusted since, said as before or as it is now', async () => {
    const adjust = async (adjustment: object) => {
      const body = JSON.stringify({ adjustments: [adjustment] })
      expect((await send(body, signed(key, body, NOON), '/v1/adjustments')).status).toBe(200)
    }
    await report(order())
    await adjust({ id: 'r-1', orderId: 'A-1001', action: 'restate', value: '450.00' })
    await adjust({ id: 'r-2', orderId: 'A-1001', action: 'refund', value: '50.00' })
    for (const value of ['499.00', '400.00']) expect((await report(order({ value }))).json).toMatchObject({ duplicates: 1, rejected: [] })
    expect((await report(order({ value: '1.00' }))).status).toBe(409)
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 1, revenueMinor: 40_000 } })
    expect(await collector.store.verify()).toEqual([])
  })

  it('is none where it only adds, or overrules a browser', async () => {
    const browser = {
      id: idNumber(1),
      type: 'purchase',
      occurredAt: NOON,
      orderId: 'A-1001',
      value: '1.00',
      currency: 'NOK',
      campaign: 'spring',
    }
    await collector.post({ site: 'shop', sentAt: NOON, events: [browser] })
    expect((await report(order())).json).toMatchObject({ accepted: 0, duplicates: 1, rejected: [] })
    expect((await report(order({ placement: 'top' }))).json).toMatchObject({ duplicates: 1, rejected: [] })
    // A browser is answered as ever.
    expect(await (await collector.post({ site: 'shop', sentAt: NOON, events: [browser] })).json()).toEqual({
      accepted: 0,
      duplicates: 1,
      rejected: [],
    })
    expect(await collector.results('by=campaign')).toMatchObject({ totals: { purchases: 1, revenueMinor: 49_900 } })
  })
})
