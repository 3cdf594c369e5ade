import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BROWSER, type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/server.md'), 'utf8')
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

let collector: TestCollector
let key: string
beforeEach(async () => {
  collector = await testCollector()
  key = (await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()).key
})
afterEach(() => collector.destroy())

type Row = Record<string, unknown> & { purchases: number }

const browser = (userAgent: string, events: object[]) => collector.post({ site: 'shop', sentAt: NOON, events }, { 'user-agent': userAgent })
const server = (events: object[]) =>
  collector.app.request('/v1/conversions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ events }),
  })

/** Clicks and orders of a day. `seenBy` tells who reports the order. */
async function orders(
  n: number,
  {
    of,
    userAgent,
    consent,
    campaign = 'spring',
    seenBy,
  }: { of: number; userAgent: string; consent: string; campaign?: string; seenBy: 'browser' | 'server' | 'both' },
) {
  for (let i = n; i < n + of; i++) {
    const order = { type: 'purchase', orderId: `A-${i}`, value: '100.00', currency: 'NOK' }
    await browser(userAgent, [{ id: idNumber(i), type: 'click', occurredAt: NOON - 1_000, campaign, consent, placement: `p${i}` }])
    const touches = [{ type: 'click', id: idNumber(i), campaign, at: NOON - 1_000 }]
    if (seenBy !== 'server') await browser(userAgent, [{ ...order, id: idNumber(1_000 + i), occurredAt: NOON, consent, touches }])
    if (seenBy !== 'browser') await server([{ ...order, clickId: idNumber(i), occurredAt: NOON }])
  }
}

const sold = async (query: string) => {
  const { rows } = await collector.results(query)
  return (rows as Row[]).filter(({ purchases }) => purchases > 0)
}
const [, question = '', shown = ''] = /^```http audit\n(.*?)\n\n(.*?)^```$/ms.exec(DOCS) ?? []

it('shows what browsers lose, by campaign, device and consent, as the documentation does', async () => {
  await orders(1, { of: 6, userAgent: BROWSER, consent: 'granted', seenBy: 'both' })
  await orders(11, { of: 1, userAgent: BROWSER, consent: 'granted', seenBy: 'server' })
  await orders(21, { of: 3, userAgent: IPHONE, consent: 'granted', seenBy: 'both' })
  await orders(31, { of: 1, userAgent: IPHONE, consent: 'denied', seenBy: 'both' })
  await orders(41, { of: 3, userAgent: IPHONE, consent: 'denied', seenBy: 'server' })
  await orders(51, { of: 1, userAgent: IPHONE, consent: 'granted', seenBy: 'browser' })
  // Whose click nobody knows.
  await server([{ type: 'purchase', orderId: 'A-61', value: '100.00', currency: 'NOK', campaign: 'spring', occurredAt: NOON }])
  await orders(71, { of: 2, userAgent: BROWSER, consent: 'granted', campaign: 'autumn', seenBy: 'both' })

  const columns = (row: Row) => Object.fromEntries(['witness', 'device', 'consent', 'purchases'].map((name) => [name, row[name]]))
  const rows = await sold(question.replace(/^GET \/v1\/results\?/, ''))
  expect(rows.map(columns)).toEqual(JSON.parse(shown).rows)

  expect((await sold('by=campaign,witness')).map(({ campaign, witness, purchases }) => [campaign, witness, purchases])).toEqual([
    ['autumn', 'both', 2],
    ['spring', 'both', 10],
    ['spring', 'browser', 1],
    ['spring', 'server', 5],
  ])
  expect(
    (await sold('by=witness&campaign=spring&device=mobile&consent=denied')).map(({ witness, purchases }) => [witness, purchases]),
  ).toEqual([
    ['both', 1],
    ['server', 3],
  ])
  expect((await sold('by=witness&campaign=spring&device=(none)')).map(({ witness, purchases }) => [witness, purchases])).toEqual([
    ['server', 1],
  ])
  const { totals } = await collector.results('by=campaign')
  expect(totals.purchases).toBe(18)
})

it('keeps what the browser says of itself, whoever reports first', async () => {
  const click = { id: idNumber(1), type: 'click', occurredAt: NOON - 1_000, campaign: 'spring', consent: 'pending' }
  await browser(BROWSER, [click])
  const order = (n: number) => ({ type: 'purchase', orderId: `A-${n}`, value: '100.00', currency: 'NOK' })
  const byBrowser = (n: number) => browser(IPHONE, [{ ...order(n), id: idNumber(n), occurredAt: NOON, consent: 'granted' }])
  const byServer = (n: number) => server([{ ...order(n), clickId: idNumber(1), occurredAt: NOON }])
  await byBrowser(11)
  await byServer(11)
  await byServer(12)
  await byBrowser(12)
  await byServer(12)
  expect(
    (await sold('by=campaign,witness,device,consent')).map(({ witness, device, consent, purchases }) => [
      witness,
      device,
      consent,
      purchases,
    ]),
  ).toEqual([['both', 'mobile', 'granted', 2]])
  expect(await collector.store.verify()).toEqual([])
})
