import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkStatement } from '../../collector/money/statement.ts'
import { TOKEN as ADMIN, type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'
import { login } from './dependencies.ts'

const DAY = 86_400_000
const EVIL = `<img src=x onerror=alert(1)>"'`
let collector: TestCollector
let cookie: string
beforeEach(async () => {
  collector = await testCollector()
  const [set] = (await login(collector.app, { token: ADMIN })).headers.getSetCookie()
  cookie = set?.split(';')[0] ?? ''
  await collector.admin('PUT', '/v1/campaigns/spring', { name: EVIL, currency: 'NOK', timeZone: 'Europe/Oslo', advertiser: 'Acme' })
  await collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [
      { model: 'cpc', rate: '2.00' },
      { model: 'cps', share: '0.10', tiers: [{ from: 21, share: '0.12' }] },
    ],
  })
  await collector.store.append([
    ledgerEventOf({ n: 1, occurredAt: NOON - 3 * DAY }),
    purchaseOf({ n: 2, orderId: 'A-1001', occurredAt: NOON - 3 * DAY }),
    ledgerEventOf({ n: 3, occurredAt: NOON - DAY }),
    ledgerEventOf({ n: 4, verdict: 'bot', occurredAt: NOON - DAY }),
  ])
})
afterEach(() => collector.destroy())

const get = (path: string) => collector.app.request(`http://localhost/dashboard${path}`, { headers: { cookie } })
const text = async (path: string) => (await get(path)).text()
const close = (to: string, origin = 'http://localhost') =>
  collector.app.request('http://localhost/dashboard/statements/spring/close', {
    method: 'POST',
    headers: {
      cookie,
      origin,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': origin === 'http://localhost' ? 'same-origin' : 'cross-site',
    },
    body: new URLSearchParams({ to }).toString(),
  })

test('shows what is owed, line by line, under which terms, and what was not counted', async () => {
  const page = await text('/statements/spring')
  expect(page).toContain('NOK\u00a053.90')
  expect(page).toContain('CPC\u00a02.00 · CPS\u00a010\u00a0%, from\u00a021\u00a0on 12\u00a0%')
  expect(page).toContain('The user agent is empty or says that it is a bot.')
  expect(page).not.toContain(EVIL)
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
})

test('has each sum under the column that it adds up', async () => {
  const table = /<table>.*?<\/table>/s.exec(await text('/statements/spring'))?.[0] ?? ''
  const rows = [...table.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.replace(/<[^>]*>/g, '')),
  )
  expect(rows[0]).toEqual(['Day', 'Model', 'Results', 'Owed NOK', 'Over budget', 'Terms'])
  expect(rows[1]).toEqual(['Sat 21 Nov', 'CPC', '1', '2.00', '0', '1'])
  expect(rows.at(-1)).toEqual(['Sum', '', '', '53.90', '0', ''])
})

test('opens a line down to its events, each a link to its story', async () => {
  const page = await text('/statement-lines/spring?day=2026-11-21&model=cps&terms=1')
  expect(page).toContain('A-1001')
  expect(page).toMatch(/href="\/dashboard\/events\/[0-9a-f-]{36}"/)
  expect((await get('/statement-lines/spring?day=2026-11-21&model=cps&terms=9')).status).toBe(404)
  expect((await get('/statement-lines/none?day=2026-11-21&model=cps&terms=1')).status).toBe(404)
})

test('can be kept as CSV, and as JSON that is checked without us', async () => {
  const csv = await get('/statements/spring?from=2026-11-20&to=2026-11-22&format=csv')
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="tallymark-statement-2026-11-20-2026-11-22.csv"')
  expect(await csv.text()).toMatch(/^campaign,currency,day/)
  const json = await (await get('/statements/spring?from=2026-11-20&to=2026-11-22&format=json')).json()
  expect(json).toMatchObject({ from: '2026-11-20', owedMinor: 5_190 })
  expect(checkStatement(json)).toBeNull()
})

test('closes the period, and says what stands in the way', async () => {
  expect(await text('/statements/spring')).toContain('No period is closed yet.')
  expect(await (await close('2026-11-24')).text()).toContain('today is 2026-11-24')
  const answer = await close('2026-11-22')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dashboard/statements/spring?from=2026-11-21&to=2026-11-22'])
  expect(await text('/statements/spring?from=2026-11-21&to=2026-11-22')).toContain('Closed: nothing in it changes any more.')
  await collector.store.adjust([{ site: 'shop', order: { orderId: 'A-1001' }, id: 'r-1', action: 'cancel', at: NOON }], NOON)
  const open = await text('/statements/spring')
  expect(open).toContain('Corrections of closed periods')
  expect(open).toContain('-49.90')
  const mixed = await text('/statements/spring?from=2026-11-01&to=2026-11-30')
  expect(mixed).toContain('2026-11-21 to 2026-11-22 is closed')
})

test('lets in nobody who is not logged in, and no other site’s form', async () => {
  for (const path of ['/statements/spring', '/statement-lines/spring'])
    expect((await collector.app.request(`http://localhost/dashboard${path}`)).status).toBe(302)
  expect((await close('2026-11-22', 'https://evil.example')).status).toBe(403)
  cookie = ''
  expect((await close('2026-11-22')).headers.get('location')).toBe('/dashboard/login')
  expect(collector.registry.closings('spring')).toEqual([])
  expect((await get('/statements/none')).status).toBe(302)
})
