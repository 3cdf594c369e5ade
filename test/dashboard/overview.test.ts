import { expect, test } from 'vitest'
import type { ResultRow } from '../../collector/results/results.ts'
import { StoreError } from '../../collector/store/store.ts'
import { answer, cookieOf, mount, page, row } from './dependencies.ts'

const EVIL = `<img src=x onerror=alert(1)>"'><svg onload=alert(2)></script>`

const SPRING = {
  id: 'spring-sale',
  name: 'Spring sale',
  currency: 'NOK',
  timeZone: 'Europe/Oslo',
  terms: [
    { version: 1, from: 0, pays: [{ model: 'cpc' as const, rate: '1.00' }], status: 'active' as const },
    {
      version: 1,
      from: Date.parse('2026-11-01T00:00:00+01:00'),
      pays: [
        { model: 'cpm' as const, rate: '37.50' },
        { model: 'cpc' as const, rate: '2' },
        { model: 'cps' as const, share: '0.10' },
      ],
      status: 'paused' as const,
    },
    { version: 1, from: Date.parse('2027-01-01T00:00:00Z'), pays: [], status: 'active' as const },
  ],
}

const spring = row({
  campaign: 'spring-sale',
  impressions: 1_234_567,
  clicks: 18_204,
  costMinor: 4_629_626,
  revenueMinor: 9_000_000,
  ctr: 0.0147,
  cpc: 254.3,
  roas: 1.944,
})

function withRows(rows: ResultRow[], totals: Partial<ResultRow> = {}) {
  return mount({ results: async () => answer(rows, { totals: row({ ...rows[0], ...totals }) }), campaigns: () => [SPRING] })
}

test('says what to do when there is nothing yet', async () => {
  const text = await page(mount())
  expect(text).toContain('Nothing to count yet')
  expect(text).toContain('&lt;script async src=&quot;http://localhost/tallymark.js&quot; data-site=&quot;shop&quot;&gt;&lt;/script&gt;')
  expect(text).toContain('curl -X PUT &#39;http://localhost/v1/campaigns/spring-sale&#39;')
  expect(text).not.toContain('<table')
})

test('shows what is owed exactly, and the terms in force', async () => {
  const text = await page(withRows([spring]))
  expect(text).toContain('46,296.26')
  expect(text).toContain('CPM\u00a037.50 · CPC\u00a02.00 · CPS\u00a010\u00a0%')
  expect(text).toContain('<span class="badge">paused</span>')
  expect(text).toContain('1.47\u00a0%')
  expect(text).not.toContain('NaN')
})

test('shows what lies over the budget beside what is owed', async () => {
  expect(await page(withRows([spring]))).not.toContain('unbilled')
  expect(await page(withRows([row({ ...spring, unbilledMinor: 12_345 })]))).toContain('123.45 unbilled')
})

test('lists a campaign that is set up and had no results', async () => {
  const text = await page(mount({ campaigns: () => [SPRING] }))
  expect(text).toContain('Spring sale')
  expect(text).not.toContain('Nothing to count yet')
})

test('never adds two currencies', async () => {
  const euros = row({ campaign: 'soldes', currency: 'EUR', costMinor: 100_000, revenueMinor: 200_000, impressions: 10 })
  const totals = {
    ...row({ currency: null, revenueMinor: null, costMinor: null, impressions: 1_234_577 }),
    currencies: { NOK: { revenueMinor: 9_000_000, costMinor: 4_629_626 }, EUR: { revenueMinor: 200_000, costMinor: 100_000 } },
  }
  const text = await page(mount({ results: async () => answer([spring, euros], { totals }) }))
  expect(text).toContain('<small>EUR </small><b data-figure="true">1,000.00</b>')
  expect(text).toContain('<small>NOK </small><b data-figure="true">46,296.26</b>')
  expect(text).toContain('Amounts in EUR')
  expect(text).toContain('Amounts in NOK')
  expect(text).not.toContain('47,296.26')
  expect(text).not.toContain('92,000.00')
})

test('shows purchases in another currency beside the revenue', async () => {
  const text = await page(withRows([row({ ...spring, otherRevenueMinor: { USD: 4_900 } })]))
  expect(text).toContain('+ USD\u00a049.00')
})

test('calls results of no campaign by that name', async () => {
  for (const campaign of [null, '']) {
    const text = await page(withRows([row({ campaign, purchases: 3, currency: null })]))
    expect(text).toContain('<span>No campaign</span>')
  }
})

test('says how to set up a campaign that events name, with a command that is safe to paste', async () => {
  const campaign = `x'; rm -rf ~ #`
  const text = await page(withRows([row({ campaign, clicks: 1, currency: null })]))
  expect(text).toContain('Not set up: counted, but nothing is owed.')
  expect(text).toContain('/v1/campaigns/x%27%3B%20rm%20-rf%20~%20%23&#39;')
})

test('escapes names wherever they stand, and carries neither inline script nor inline style', async () => {
  const app = mount({
    campaigns: () => [{ ...SPRING, id: EVIL, name: EVIL }],
    sites: () => [{ id: EVIL, name: EVIL, origins: [EVIL] }],
    results: async ({ by }) =>
      answer(
        [row({ campaign: EVIL, placement: EVIL, day: '2026-11-23', clicks: 1 })].filter(() => by.length > 0),
        { notCounted: { [EVIL]: 1 } },
      ),
  })
  for (const path of [
    '/dashboard',
    `/dashboard?${new URLSearchParams({ campaign: EVIL, split: `segment.${EVIL}`, from: EVIL, metric: EVIL })}`,
  ]) {
    const text = await page(app, path)
    expect(text).toContain('onerror')
    expect(text).not.toMatch(/<img|<svg onload|<style/i)
    // What is left of the tags once quoted values are gone shows attributes by name.
    const attributes = [...text.matchAll(/<[a-z][^\s>]*((?:\s[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/g)].map(([, found]) =>
      found?.replace(/"[^"]*"/g, ''),
    )
    expect(attributes.join('\n')).not.toMatch(/\s(?:on\w+|style)=/i)
    expect([...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual([
      expect.stringMatching(/^<script defer="" src="\/dashboard\/assets\/dashboard-[0-9a-f]{12}\.js">$/),
    ])
  }
})

test.each(['/dashboard', '/dashboard/login', '/dashboard/nothing', '/dashboard/live', '/dashboard/assets/none.js'])(
  'forbids everything foreign at %s',
  async (path) => {
    const app = mount()
    const response = await app.request(path, { headers: { cookie: await cookieOf(app) } })
    await response.body?.cancel()
    expect(response.headers.get('content-security-policy')?.split('; ').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('same-origin')
  },
)

test('lets nobody store a page, and everybody an asset, whose name is its content', async () => {
  const app = mount()
  const response = await app.request('/dashboard', { headers: { cookie: await cookieOf(app) } })
  expect(response.headers.get('cache-control')).toBe('no-store')
  const script = (await response.text()).match(/\/dashboard\/assets\/[^"]+\.js/)?.[0] ?? ''
  const asset = await app.request(script)
  expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(await asset.text()).toBe('console.log(1)')
})

test('asks for the days and the campaign in the address, and only for those', async () => {
  const asked: unknown[] = []
  const app = mount({
    results: async (query) => {
      asked.push(query)
      return answer([])
    },
    campaigns: () => [SPRING],
  })
  await page(app, '/dashboard?from=2026-11-10&to=2026-11-02&campaign=spring-sale&segment=plan')
  const days = { from: '2026-11-02', to: '2026-11-10', campaign: 'spring-sale' }
  expect(asked).toEqual([
    { ...days, by: ['campaign'] },
    { ...days, by: ['campaign', 'day'] },
    { ...days, by: ['segment.plan'] },
  ])
})

test('gives each reason of what is not counted in a sentence', async () => {
  const app = mount({ campaigns: () => [SPRING], results: async () => answer([], { notCounted: { bot: 1_284, test: 0, novel: 2 } }) })
  const text = await page(app)
  expect(text).toContain('1,284')
  expect(text).toContain('The user agent is empty or says that it is a bot.')
  expect(text).toContain('novel')
  expect(text).not.toContain('Marked as a test')
})

test('says that a site without origins accepts localhost only', async () => {
  const text = await page(mount({ campaigns: () => [SPRING], sites: () => [{ id: 'shop', name: 'Shop', origins: [] }] }))
  expect(text).toContain('Accepts events from localhost only')
})

test('answers 503 with a page when the store cannot serve, and leaves other errors to the app around it', async () => {
  const fail = (error: Error) => mount({ results: () => Promise.reject(error) })
  const away = fail(new StoreError('store_unavailable', 'sqlite store: disk full at /secret/path'))
  const response = await away.request('/dashboard', { headers: { cookie: await cookieOf(away) } })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(await response.text()).not.toContain('/secret/path')

  const broken = fail(new Error('a bug')).onError((error, c) => c.text(error.message, 500))
  expect(await page(broken)).toBe('a bug')
})

const ALERT = {
  id: 'a',
  campaign: 'spring-sale',
  budget: 'monthly',
  period: '2026-11',
  limitMinor: 500_000,
  owedMinor: 0,
  currency: 'NOK',
  at: 0,
} as const

test('shows budgets that are used up to a threshold, the fullest first, with their campaign', async () => {
  expect(await page(withRows([spring]))).not.toContain('class="alerts"')
  const alerts = () => [
    { ...ALERT, threshold: 80 as const },
    { ...ALERT, id: 'b', budget: 'daily' as const, threshold: 100 as const },
  ]
  const app = mount({ results: async () => answer([spring]), campaigns: () => [SPRING], alerts })
  const text = await page(app)
  const strip = /<aside class="alerts".*?<\/aside>/s.exec(text)?.[0] ?? ''
  expect(strip.indexOf('budget of today, NOK\u00a05,000.00, is used up')).toBeGreaterThan(0)
  expect(strip.indexOf('80 % of the budget of this month, NOK\u00a05,000.00, is used')).toBeGreaterThan(strip.indexOf('used up'))
  expect(strip).toContain('<a href="/dashboard?campaign=spring-sale">Spring sale</a>')
  expect(await page(app, '/dashboard?campaign=other')).not.toContain('class="alerts"')
  const own = await page(app, '/dashboard?campaign=spring-sale')
  expect(own).toContain('class="alerts"')
})

test('shows a few budgets and how many more there are, and no markup of their campaigns', async () => {
  const alerts = () => Array.from({ length: 7 }, (_, n) => ({ ...ALERT, id: String(n), campaign: EVIL, threshold: 50 as const }))
  const text = await page(mount({ results: async () => answer([spring]), campaigns: () => [SPRING], alerts }))
  expect(text).toContain('and 3 more')
  expect(text).not.toContain('<img src=x')
})
