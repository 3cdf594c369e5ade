import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  const invalidTraffic = { doubleClickSeconds: null, clickLimits: null } // the same visitor clicks again and again here
  await collector.admin('PUT', '/v1/campaigns/spring', { name: 'Spring', currency: 'NOK', timeZone: 'Europe/Oslo', invalidTraffic })
  await collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [
      { model: 'cpm', rate: '37.50' },
      { model: 'cpc', rate: '2.00' },
      { model: 'cpl', rate: '25.00' },
      { model: 'cps', share: '0.10' },
    ],
  })
})
afterEach(() => collector.destroy())

let n = 0
async function send(events: Record<string, unknown>[], site = 'shop') {
  const stamped = events.map((event) => ({ ...wireEventOf({ n: ++n }), ...event }))
  expect((await collector.post({ site, sentAt: NOON, events: stamped })).status).toBe(202)
}
const sale = (orderId: string, value: string, change = {}) => ({ type: 'purchase', orderId, value, currency: 'NOK', ...change })

describe('GET /v1/results', () => {
  it('is empty before the first event, and says what it was asked', async () => {
    expect(await collector.results('')).toEqual({
      query: {
        from: '2026-10-26',
        to: '2026-11-24',
        tz: 'Europe/Oslo', // the one zone that all campaigns share
        by: ['campaign'],
        model: 'last',
        view: 'result',
        windows: {},
        filters: {},
        asOf: new Date(NOON).toISOString(),
      },
      rows: [],
      totals: expect.objectContaining({ impressions: 0, costMinor: 0, ctr: null, roas: null, currency: null }),
      notCounted: {},
    })
  })

  it('gives counts, money and ratios per campaign', async () => {
    await send([
      ...Array.from({ length: 4 }, () => ({ type: 'impression', view: { ratio: 1, ms: 1_000, area: 9_000 } })),
      { type: 'impression' },
      {},
      {},
      { type: 'signup', leadId: 'L-1' },
      sale('A-1', '499.00'),
    ])
    const { rows, totals } = await collector.results('by=campaign&campaign=spring')
    expect(rows).toEqual([
      {
        campaign: 'spring',
        impressions: 5,
        viewable: 4,
        clicks: 2,
        signups: 1,
        purchases: 1,
        revenueMinor: 49_900,
        // 5 x 3.75 øre = 18.75 -> 19, 2 x 200, 2500, 4990
        costMinor: 19 + 400 + 2_500 + 4_990,
        currency: 'NOK',
        ctr: 0.4,
        signupRate: 0.5,
        purchaseRate: 0.5,
        cpm: 1_581_800,
        cpc: 3_954.5,
        cpl: 7_909,
        cps: 7_909,
        aov: 49_900,
        roas: 6.309268,
      },
    ])
    expect(totals).toMatchObject({ costMinor: 7_909, purchases: 1, currency: 'NOK' })
  })

  it('splits by site, day, tags, segments and variants, with null for events without', async () => {
    await collector.admin('PUT', '/v1/sites/news', { origins: ['https://shop.example'] })
    await send([{ placement: 'top', variant: { headline: 'B' } }, { segment: { plan: 'pro' } }, { occurredAt: NOON - 86_400_000 }])
    await send([{ placement: 'top' }], 'news')
    const split = async (by: string) => {
      const { rows } = await collector.results(`by=${by}&campaign=spring`)
      return rows.map((row: Record<string, unknown>) => [...by.split(',').map((name) => row[name]), row.clicks, row.costMinor])
    }
    expect(await split('site')).toEqual([
      ['news', 1, 200],
      ['shop', 3, 600],
    ])
    expect(await split('day')).toEqual([
      ['2026-11-23', 1, 200],
      ['2026-11-24', 3, 600],
    ])
    expect(await split('placement')).toEqual([
      [null, 2, 400],
      ['top', 2, 400],
    ])
    expect(await split('variant.headline')).toEqual([
      [null, 3, 600],
      ['B', 1, 200],
    ])
    expect(await split('segment.plan')).toEqual([
      [null, 3, 600],
      ['pro', 1, 200],
    ])
    expect(await split('placement,site')).toEqual([
      [null, 'shop', 2, 400],
      ['top', 'news', 1, 200],
      ['top', 'shop', 1, 200],
    ])
    expect(await split('placement,segment.plan')).toEqual([
      [null, null, 1, 200],
      [null, 'pro', 1, 200],
      ['top', null, 2, 400],
    ])
  })

  it('filters by campaign, site, tags and segments', async () => {
    await send([{ placement: 'top', segment: { plan: 'pro' } }, { placement: 'side' }, {}, { campaign: 'autumn', placement: 'top' }])
    const clicks = async (query: string) => (await collector.results(query)).totals.clicks
    expect(await clicks('')).toBe(4)
    expect(await clicks('campaign=spring')).toBe(3)
    expect(await clicks('placement=top')).toBe(2)
    expect(await clicks('placement=top&campaign=spring')).toBe(1)
    expect(await clicks('placement=(none)')).toBe(1)
    expect(await clicks('segment.plan=pro&placement=top')).toBe(1)
    expect(await clicks('segment.plan=free')).toBe(0)
    expect(await clicks('site=shop')).toBe(4)
    expect(await clicks('site=other')).toBe(0)
  })

  it('knows days in the zone of the campaign, or the one asked for', async () => {
    // 23:30 in Oslo is 22:30 UTC, and 00:30 in Oslo the day after is 23:30 UTC.
    await send([{ occurredAt: Date.UTC(2026, 10, 22, 22, 30) }, { occurredAt: Date.UTC(2026, 10, 22, 23, 30) }])
    const days = async (query: string) => {
      const { query: asked, rows } = await collector.results(`by=day&${query}`)
      return [asked.tz, ...rows.map(({ day, clicks }: Record<string, unknown>) => [day, clicks])]
    }
    expect(await days('campaign=spring')).toEqual(['Europe/Oslo', ['2026-11-22', 1], ['2026-11-23', 1]])
    expect(await days('campaign=spring&tz=UTC')).toEqual(['UTC', ['2026-11-22', 2]])
    expect(await days('campaign=spring&tz=Asia/Kathmandu')).toEqual(['Asia/Kathmandu', ['2026-11-23', 2]])
    expect(await days('campaign=spring&from=2026-11-23&to=2026-11-23')).toEqual(['Europe/Oslo', ['2026-11-23', 1]])
  })

  it('bills each result under the terms in force when it occurred, also when the change comes later', async () => {
    await send([{ occurredAt: NOON - 7_200_000 }, { occurredAt: NOON - 60_001 }, { occurredAt: NOON - 60_000 }, {}])
    const cost = async () => (await collector.results('campaign=spring')).totals.costMinor
    expect(await cost()).toBe(800)
    const from = new Date(NOON - 60_000).toISOString()
    await collector.admin('POST', '/v1/campaigns/spring/terms', { from, pays: [{ model: 'cpc', rate: '3.00' }] })
    expect(await cost()).toBe(2 * 200 + 2 * 300)
    await collector.admin('POST', '/v1/campaigns/spring/terms', { from: new Date(NOON).toISOString(), pays: [], status: 'paused' })
    expect(await cost()).toBe(2 * 200 + 300)
  })

  it('never adds currencies together', async () => {
    await collector.admin('PUT', '/v1/campaigns/euro', { currency: 'EUR' })
    await collector.admin('POST', '/v1/campaigns/euro/terms', { from: '2026-11-01T00:00:00Z', pays: [{ model: 'cpc', rate: '1.00' }] })
    await send([{ campaign: 'euro' }, {}, sale('A-1', '100.00'), sale('A-2', '70.00', { currency: 'EUR' })])
    const { rows, totals } = await collector.results('by=day')
    expect(rows).toMatchObject([
      { currency: 'EUR', clicks: 1, costMinor: 100, revenueMinor: 0 },
      { currency: 'NOK', clicks: 1, purchases: 2, revenueMinor: 10_000, otherRevenueMinor: { EUR: 7_000 }, costMinor: 200 + 1_000 },
    ])
    expect(totals).toMatchObject({
      clicks: 2,
      revenueMinor: null,
      costMinor: null,
      currencies: { EUR: { revenueMinor: 0, costMinor: 100 }, NOK: { revenueMinor: 10_000, costMinor: 1_200 } },
    })
  })

  it('shows results of campaigns that are not set up, at no cost', async () => {
    await send([{ campaign: 'unknown' }, { campaign: undefined }, sale('A-1', '10.00', { campaign: undefined })])
    expect((await collector.results('by=campaign')).rows).toMatchObject([
      { campaign: null, clicks: 1, purchases: 1, revenueMinor: 1_000, costMinor: 0, currency: 'NOK' },
      { campaign: 'unknown', clicks: 1, costMinor: 0, currency: 'NOK' },
    ])
  })

  it('gives CSV that a spreadsheet does not run', async () => {
    await send([{ placement: '=HYPERLINK("x")' }, { placement: 'a,"b"' }, { placement: '-1' }])
    const response = await collector.admin('GET', '/v1/results?by=placement&format=csv')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toContain('attachment')
    const lines = (await response.text()).split('\r\n')
    expect(lines[0]).toBe(
      'placement,impressions,viewable,clicks,signups,purchases,revenueMinor,costMinor,currency,ctr,signupRate,purchaseRate,cpm,cpc,cpl,cps,aov,roas',
    )
    expect(lines.slice(1, 4).map((line) => line.split(',0,0,1,')[0])).toEqual([`'-1`, `"'=HYPERLINK(""x"")"`, '"a,""b"""'])
    const accepted = await collector.app.request('/v1/results', {
      headers: { accept: 'text/csv', authorization: (await collector.admin('GET', '/v1/results')) && `Bearer test-admin-token-0123456789` },
    })
    expect(accepted.headers.get('content-type')).toContain('text/csv')
  })

  it.each([
    ['from', 'from=2026-02-30', 'invalid_filter'],
    ['from', 'from=2026-11-25&to=2026-11-24', 'invalid_filter'],
    ['to', 'to=tomorrow', 'invalid_filter'],
    ['tz', `tz=UTC'--`, 'invalid_filter'],
    ['tz', 'tz=Mars/Olympus', 'invalid_filter'],
    ['by', 'by=campaign,verdict', 'invalid_filter'],
    ['by', 'by=day;DROP TABLE ledger', 'invalid_filter'],
    ['by', 'by=__proto__', 'invalid_filter'],
    ['sort', 'sort=clicks', 'invalid_filter'],
    ['model', 'model=middle', 'invalid_filter'],
    ['format', 'format=xml', 'invalid_filter'],
    ['from', 'from=1900-01-01', 'range_too_large'],
    ['from', 'from=2020-01-01&by=day', 'range_too_large'],
  ])('refuses a wrong %s (%s)', async (field, query, code) => {
    const response = await collector.admin('GET', `/v1/results?${query}`)
    expect([response.status, await response.json()]).toEqual([422, { error: expect.objectContaining({ code, field }) }])
  })
})
