import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alertId } from '../../collector/alerts/alert.ts'
import { openRegistry, type Registry } from '../../collector/registry.ts'
import type { Store } from '../../collector/store/store.ts'
import { MAX_ATTEMPTS } from '../../collector/webhooks/backOff.ts'
import { deliver } from '../../collector/webhooks/deliver.ts'
import { signMessage } from '../../collector/webhooks/signMessage.ts'
import type { Webhook } from '../../collector/webhooks/webhook.ts'
import { webhookTransport } from '../../collector/webhooks/webhookTransport.ts'
import { NOON } from '../support/events.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { sqlitePlace } from '../support/sqlite.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
let store: Store
let registry: Registry
let receiver: Receiver
let clock: number
let logged: string[]
let tick: () => Promise<void>

const start = (own: Registry, transport = webhookTransport({ allowPrivate: true })) =>
  deliver({ registry: own, transport, now: () => clock, random: () => 0.5, log: (message) => logged.push(message) })

async function open() {
  store = await place.open()
  registry = await openRegistry({ store, now: () => clock })
  tick = start(registry)
}
beforeEach(async () => {
  clock = NOON
  logged = []
  place = await sqlitePlace()
  receiver = await startReceiver()
  await open()
})
afterEach(async () => {
  await store.close()
  await receiver.close()
  await place.destroy()
  expect(logged).toEqual([])
})

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const hook = (id: string, more: Partial<Webhook> = {}) => {
  const value: Webhook = { id, url: receiver.url, events: ['budget'], secrets: [SECRET], madeAt: NOON, deleted: false, ...more }
  return registry.putNotice({ kind: 'webhook', id, value })
}
async function alert(campaign = 'spring') {
  const key = { campaign, budget: 'daily' as const, period: '2026-11-24', threshold: 80 as const, limitMinor: 10_000 }
  const value = { id: alertId(key), ...key, owedMinor: 8_123, currency: 'NOK', at: NOON }
  await registry.putNotice({ kind: 'alert', id: value.id, value })
  return value
}
const states = (id = 'a') => registry.notices.deliveries(id).map(({ status, attempts }) => [status, attempts])
const fails = (status: number) => {
  receiver.answer = (_request, response) => void response.writeHead(status).end('no')
}
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id'])

describe('the outbox of webhooks', () => {
  it('sends an alert once to each webhook, signed over the bytes sent', async () => {
    await hook('a')
    await hook('b')
    const made = await alert()
    await tick()
    await tick()
    expect(new Set(ids()).size).toBe(2)
    expect(receiver.received).toHaveLength(2)
    for (const { headers, body } of receiver.received) {
      expect(headers).toMatchObject(signMessage({ id: String(headers['webhook-id']), at: NOON, body, secrets: [SECRET] }))
      expect(JSON.parse(body)).toEqual({
        type: 'budget.threshold',
        timestamp: '2026-11-24T12:00:00.000Z',
        data: { ...made, at: '2026-11-24T12:00:00.000Z' },
      })
    }
    expect([states('a'), states('b')]).toEqual([[['delivered', 1]], [['delivered', 1]]])
  })

  it('sends nothing again where another process noticed the same', async () => {
    await hook('a')
    await alert()
    await tick()
    await alert()
    await tick()
    expect([receiver.received.length, states()]).toEqual([1, [['delivered', 1]]])
  })

  it('sends nothing of before the webhook was made, nor after it was deleted', async () => {
    await alert('before')
    await hook('a')
    await alert()
    await hook('a', { deleted: true })
    await alert('after')
    await tick()
    expect(receiver.received).toEqual([])
  })

  it.each([500, 404, 302, 429, 300])('tries again after an answer of %i, later each time, under the same id', async (status) => {
    await hook('a')
    await alert()
    fails(status)
    await tick()
    await tick()
    expect(states()).toEqual([['pending', 1]])
    clock += 14_999
    await tick()
    expect(receiver.received).toHaveLength(1)
    clock += 1
    await tick()
    expect(states()).toEqual([['pending', 2]])
    clock += 59_999
    await tick()
    expect(receiver.received).toHaveLength(2)
    clock += 1
    receiver.answer = (_request, response) => void response.writeHead(200).end()
    await tick()
    expect(states()).toEqual([['delivered', 3]])
    expect(new Set(ids()).size).toBe(1)
    const [first, , last] = receiver.received
    expect(last?.body).toBe(first?.body)
    expect(Number(last?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp'])).toBe(75)
  })

  it('gives up after ten attempts and keeps why; sent again by hand it starts anew', async () => {
    await hook('a')
    await alert()
    fails(503)
    for (let n = 0; n < MAX_ATTEMPTS + 3; n++) {
      await tick()
      clock += 43_200_000
    }
    expect(receiver.received).toHaveLength(MAX_ATTEMPTS)
    const [dead] = registry.notices.deliveries('a')
    expect(dead).toMatchObject({ status: 'dead', attempts: MAX_ATTEMPTS, lastStatus: 503, lastError: 'answered 503' })
    if (!dead) throw new Error('no delivery')
    await registry.putNotice({ kind: 'delivery', id: dead.id, value: { ...dead, status: 'pending', attempts: 0, nextAt: clock } })
    receiver.answer = (_request, response) => void response.writeHead(204).end()
    await tick()
    expect(registry.notices.deliveries('a')).toEqual([
      { id: dead.id, webhook: 'a', alert: dead.alert, status: 'delivered', attempts: 1, nextAt: clock, lastAt: clock, lastStatus: 204 },
    ])
  })

  it('gives up at once where the receiver says that it is gone', async () => {
    await hook('a')
    await alert()
    fails(410)
    await tick()
    expect(states()).toEqual([['dead', 1]])
  })

  it('loses nothing over a restart: not what waits, not what was never tried, not how often it was', async () => {
    await hook('a')
    await alert('one')
    fails(500)
    await tick()
    await alert('two')
    await store.close()
    receiver.answer = (_request, response) => void response.writeHead(204).end()
    await open()
    await tick()
    expect(states()).toEqual([
      ['pending', 1],
      ['delivered', 1],
    ])
    clock += 15_000
    await tick()
    expect(states()).toEqual([
      ['delivered', 2],
      ['delivered', 1],
    ])
    await store.close()
    await open()
    await tick()
    expect(receiver.received).toHaveLength(3)
  })

  it('sends again, under the same id, what was answered but could not be kept', async () => {
    await hook('a')
    await alert()
    let isAway = true
    const own = {
      ...registry,
      putNotice: async (notice: Parameters<Registry['putNotice']>[0]) => {
        if (isAway) throw new Error('disk full')
        return registry.putNotice(notice)
      },
    }
    const trying = start(own)
    await trying()
    await trying()
    expect(receiver.received).toHaveLength(1) // left alone for a while, not sent again and again
    expect(logged.splice(0)).toHaveLength(1)
    isAway = false
    clock += 30_000
    await trying()
    expect([ids()[0] === ids()[1], receiver.received.length, states()]).toEqual([true, 2, [['delivered', 1]]])
  })

  it('holds no webhook up for another that is slow, and starts none twice', async () => {
    let letGo = () => {}
    receiver.answer = (request, response) => {
      if (request.url !== '/slow') return void response.writeHead(204).end()
      letGo = () => void response.writeHead(204).end()
    }
    await hook('slow', { url: receiver.url.replace('/hook', '/slow') })
    await hook('a')
    await alert('one')
    const first = tick()
    while (states('a')[0]?.[0] !== 'delivered' || receiver.received.length < 2) await new Promise(setImmediate)
    await alert('two')
    await tick()
    expect([states('a'), states('slow')]).toEqual([
      [
        ['delivered', 1],
        ['delivered', 1],
      ],
      [
        ['pending', 0],
        ['pending', 0],
      ],
    ])
    expect(receiver.received).toHaveLength(3)
    letGo()
    await first
    expect(states('slow')[0]).toEqual(['delivered', 1])
  })

  it('signs with both secrets after one was added', async () => {
    await hook('a')
    await hook('a', { secrets: ['whsec_AAAA', SECRET] })
    await alert()
    await tick()
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(2)
  })

  it('keeps why nothing could be sent', async () => {
    await hook('a', { url: 'https://127.0.0.1/' })
    await alert()
    await start(registry, webhookTransport({ allowPrivate: false }))()
    expect(registry.notices.deliveries('a')).toMatchObject([
      { status: 'pending', lastError: 'must lead to a public address, which 127.0.0.1 does not' },
    ])
  })
})
