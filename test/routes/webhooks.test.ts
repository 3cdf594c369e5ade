import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertId } from '../../collector/alerts/alert.ts'
import { deliver } from '../../collector/webhooks/deliver.ts'
import { webhookTransport } from '../../collector/webhooks/webhookTransport.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { NOON } from '../support/events.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'

let collector: TestCollector
let receiver: Receiver
const transport = webhookTransport({ allowPrivate: true })
beforeEach(async () => {
  receiver = await startReceiver()
  collector = await testCollector({ webhooks: transport })
})
afterEach(async () => {
  await collector.destroy()
  await receiver.close()
})

// biome-ignore lint/suspicious/noExplicitAny: looks into answers of many shapes
const ask = async (method: string, path: string, body?: unknown): Promise<any> => {
  const response = await collector.admin(method, `/v1/webhooks${path}`, body)
  return { status: response.status, ...((await response.json()) as object) }
}
const make = (more: object = {}) => ask('POST', '', { url: receiver.url, events: ['budget'], ...more })
async function alert(campaign: string) {
  const key = { campaign, budget: 'total' as const, period: '', threshold: 50 as const, limitMinor: 100 }
  const value = { id: alertId(key), ...key, owedMinor: 50, currency: 'NOK', at: NOON }
  await collector.registry.putNotice({ kind: 'alert', id: value.id, value })
}
const send = () => deliver({ registry: collector.registry, transport, now: () => collector.clock.now, random: () => 0.5, log: () => {} })()

describe('/v1/webhooks', () => {
  it('shows the secret when a webhook is made and never again', async () => {
    const made = await make()
    expect(made).toEqual({
      status: 201,
      id: expect.any(String),
      url: receiver.url,
      events: ['budget'],
      madeAt: '2026-11-24T12:00:00.000Z',
      secrets: 1,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    })
    const listed = await collector.admin('GET', '/v1/webhooks')
    expect(await listed.text()).not.toContain('whsec_')
    expect((await ask('GET', '')).webhooks).toMatchObject([{ id: made.id, url: receiver.url, secrets: 1 }])
  })

  it.each([
    ['url', { url: undefined }],
    ['url', { url: 'ftp://hooks.example/' }],
    ['url', { url: 'hooks.example' }],
    ['url', { url: 7 }],
    ['url', { url: `https://hooks.example/${'x'.repeat(2_048)}` }],
    ['url', { url: 'https://user:secret@hooks.example/' }],
    ['events', { events: [] }],
    ['events[0]', { events: ['everything'] }],
    ['events', { events: ['budget', 'budget'] }],
  ])('refuses a wrong %s: %j', async (field, more) => {
    expect(await make(more)).toMatchObject({ status: 422, error: { code: 'invalid_request', field } })
    expect((await ask('GET', '')).webhooks).toEqual([])
  })

  it('refuses private addresses and plain http unless they are allowed', async () => {
    const strict = await testCollector()
    for (const url of [receiver.url, 'https://127.0.0.1/', 'https://169.254.169.254/', 'https://[::1]/', 'http://93.184.216.34/']) {
      const response = await strict.admin('POST', '/v1/webhooks', { url })
      expect([url, response.status, (await response.json()).error.field]).toEqual([url, 422, 'url'])
    }
    await strict.destroy()
  })

  it('takes no more than twenty', async () => {
    for (let n = 0; n < 20; n++) expect((await make()).status).toBe(201)
    expect(await make()).toMatchObject({ status: 409, error: { code: 'conflict' } })
  })

  it('is tried out at once, and says what came of it', async () => {
    const { id } = await make()
    expect(await ask('POST', `/${id}/test`)).toMatchObject({ status: 204, delivered: true })
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({ type: 'webhook.test', timestamp: '2026-11-24T12:00:00.000Z', data: {} })
    receiver.answer = (_request, response) => void response.writeHead(500).end('details of the inside')
    const refused = await collector.admin('POST', `/v1/webhooks/${id}/test`)
    expect(JSON.parse(await refused.text())).toEqual({ id: expect.stringMatching(/^msg_[\w-]+$/), delivered: false, status: 500 })
    receiver.answer = (request) => void request.socket.destroy()
    expect(await ask('POST', `/${id}/test`)).toMatchObject({ delivered: false, error: expect.any(String) })
  })

  it('gets a new secret beside the old one; the one before that goes', async () => {
    const { id, secret: first } = await make()
    const second = await ask('POST', `/${id}/rotate`)
    expect(second).toMatchObject({ status: 200, secrets: 2, secret: expect.stringMatching(/^whsec_/) })
    const third = await ask('POST', `/${id}/rotate`)
    expect(collector.registry.notices.webhook(id)?.secrets).toEqual([third.secret, second.secret])
    expect(new Set([first, second.secret, third.secret]).size).toBe(3)
    await ask('POST', `/${id}/test`)
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2)
  })

  it('is gone once deleted, with its secrets', async () => {
    const { id } = await make()
    expect(await ask('DELETE', `/${id}`)).toEqual({ status: 200, id, deleted: true })
    expect((await ask('GET', '')).webhooks).toEqual([])
    for (const [method, path] of [
      ['DELETE', `/${id}`],
      ['POST', `/${id}/test`],
      ['POST', `/${id}/rotate`],
      ['GET', `/${id}/deliveries`],
      ['POST', '/unknown/test'],
    ] as const) {
      expect(await ask(method, path)).toMatchObject({ status: 404, error: { code: 'not_found' } })
    }
    const versions = (await collector.store.config()).filter(({ kind }) => kind === 'webhook')
    expect(versions.at(-1)?.value).toMatchObject({ secrets: [], deleted: true })
  })

  it('lists deliveries with what became of them, newest first, and sends one again', async () => {
    const { id } = await make()
    await alert('one')
    await send()
    receiver.answer = (_request, response) => void response.writeHead(410).end()
    await alert('two')
    await send()
    await alert('three')
    const { deliveries } = await ask('GET', `/${id}/deliveries`)
    expect(deliveries).toMatchObject([
      { status: 'pending', attempts: 0 },
      { status: 'dead', attempts: 1, lastStatus: 410, lastError: 'answered 410', lastAt: '2026-11-24T12:00:00.000Z' },
      { status: 'delivered', attempts: 1, lastStatus: 204 },
    ])
    expect((await ask('GET', `/${id}/deliveries?status=dead`)).deliveries).toEqual([deliveries[1]])
    expect(await ask('GET', `/${id}/deliveries?status=lost`)).toMatchObject({
      status: 422,
      error: { code: 'invalid_filter', field: 'status' },
    })
    receiver.answer = (_request, response) => void response.writeHead(204).end()
    const again = await ask('POST', `/${id}/deliveries/${deliveries[1].id}/redeliver`)
    expect(again).toMatchObject({ status: 'pending', attempts: 0 })
    await send()
    expect((await ask('GET', `/${id}/deliveries?status=delivered`)).deliveries).toHaveLength(3)
    const other = await make()
    expect(await ask('POST', `/${other.id}/deliveries/${deliveries[1].id}/redeliver`)).toMatchObject({ status: 404 })
    expect(await ask('POST', `/${id}/deliveries/unknown/redeliver`)).toMatchObject({ status: 404 })
  })

  it('wants a token for everything', async () => {
    const { id } = await make()
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/test`],
      ['POST', `/${id}/rotate`],
      ['GET', `/${id}/deliveries`],
      ['POST', `/${id}/deliveries/x/redeliver`],
    ] as const) {
      expect((await collector.app.request(`/v1/webhooks${path}`, { method })).status).toBe(401)
    }
    expect(receiver.received).toEqual([])
  })
})
