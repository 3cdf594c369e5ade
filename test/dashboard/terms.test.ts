import { afterEach, beforeEach, expect, test } from 'vitest'
import { TOKEN as ADMIN, type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'
import { login } from './dependencies.ts'

const DAY = 86_400_000
let collector: TestCollector
let cookie: string
beforeEach(async () => {
  collector = await testCollector()
  const [set] = (await login(collector.app, { token: ADMIN })).headers.getSetCookie()
  cookie = set?.split(';')[0] ?? ''
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  await collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-01-01T00:00:00+01:00',
    pays: [
      { model: 'cpc', rate: '2.00' },
      { model: 'cps', share: '0.125', tiers: [{ from: 5, share: '0.2' }] },
    ],
    budget: { daily: '500.00', results: [{ model: 'cpc', daily: 9 }] },
    validationDays: 14,
  })
  await collector.store.append([
    ledgerEventOf({ n: 1, occurredAt: NOON - DAY }),
    purchaseOf({ n: 2, orderId: 'A-1', occurredAt: NOON - DAY }),
  ])
})
afterEach(() => collector.destroy())

const get = async (query = '') => {
  const response = await collector.app.request(`http://localhost/dashboard/terms/spring${query}`, { headers: { cookie } })
  return { status: response.status, text: await response.text() }
}
const post = (fields: Record<string, string>, origin = 'http://localhost') =>
  collector.app.request('http://localhost/dashboard/terms/spring', {
    method: 'POST',
    headers: {
      cookie,
      origin,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': origin === 'http://localhost' ? 'same-origin' : 'cross-site',
    },
    body: new URLSearchParams(fields).toString(),
  })
const FORM = { cpc: '1.50', share: '10', daily: '500.00', monthly: '', total: '', status: 'active' }

test('shows the terms in force as a form', async () => {
  const { text } = await get()
  expect(text).toMatch(/name="cpc" value="2\.00"/)
  expect(text).toMatch(/name="share" value="12\.5"/)
  expect(text).toMatch(/name="daily" value="500\.00"/)
})

test('previews what terms would have meant, and agrees them with one click', async () => {
  const { text } = await get(`?${new URLSearchParams(FORM)}`)
  expect(text).toContain('would have cost NOK\u00a012.98 less') // 0.50 of a click, 2.5 % of 499.00, half to even
  expect(collector.registry.campaign('spring')?.terms).toHaveLength(1)
  const answer = await post(FORM)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dashboard?campaign=spring'])
  expect(collector.registry.campaign('spring')?.terms.at(-1)).toMatchObject({
    version: 2,
    from: NOON,
    pays: [
      { model: 'cpc', rate: '1.50' },
      { model: 'cps', share: '0.10', tiers: [{ from: 5, share: '0.2' }] },
    ],
    budget: { daily: '500.00', monthly: null, total: null, results: [{ model: 'cpc', daily: 9 }] },
    validationDays: 14,
  })
})

test('names what is wrong, and keeps what was written', async () => {
  const { status, text } = await get(`?${new URLSearchParams({ ...FORM, cpc: '1,50' })}`)
  expect([status, text.includes('must be a decimal string')]).toEqual([422, true])
  expect(text).toMatch(/name="cpc" value="1,50"/)
  expect((await post({ ...FORM, share: '120' })).status).toBe(422)
  expect((await post({ ...FORM, cpc: '1.123456789' })).status).toBe(422)
  expect((await post(FORM, 'https://evil.example')).status).toBe(403)
  cookie = ''
  expect((await post(FORM)).headers.get('location')).toBe('/dashboard/login')
  expect(collector.registry.campaign('spring')?.terms).toHaveLength(1)
})
