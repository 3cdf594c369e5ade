import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { computeAttribution } from '../../collector/results/computeAttribution.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

const DAY = 86_400_000

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  for (const id of ['spring', 'autumn']) await collector.admin('PUT', `/v1/campaigns/${id}`, { currency: 'NOK' })
  await collector.admin('POST', '/v1/campaigns/spring/terms', { from: new Date(0).toISOString(), pays: [{ model: 'cps', share: '0.10' }] })
  const touch = (campaign: string, days: number, source: string) => ({ type: 'click' as const, campaign, at: NOON - days * DAY, source })
  await collector.store.append([
    purchaseOf({
      n: 1,
      valueMinor: 1_000,
      tags: { source: 'news' },
      evidence: {
        orderId: 'A-1',
        touches: [touch('autumn', 9, 'mail'), touch('autumn', 4, 'google'), touch('spring', 2, 'news')],
        credit: { from: 'click', at: NOON - 2 * DAY },
      },
    }),
    ledgerEventOf({ n: 2, type: 'signup', campaign: '' }),
    purchaseOf({ n: 3, campaign: 'spring', verdict: 'bot' }),
    ledgerEventOf({ n: 4, campaign: 'spring' }),
  ])
})
afterEach(() => collector.destroy())

describe('results by another model', () => {
  it('shares a conversion by its touches, beside what is billed', async () => {
    const answer = await collector.results('by=campaign&model=position')
    const none = { signups: 0, purchases: 0, revenueMinor: 0 }
    expect(answer.rows).toEqual([
      { campaign: null, signups: 1, purchases: 0, revenueMinor: 0, currency: 'NOK', costMinor: null, last: { ...none, signups: 1 } },
      { campaign: 'autumn', signups: 0, purchases: 0.6, revenueMinor: 600, currency: 'NOK', costMinor: null, last: none },
      {
        campaign: 'spring',
        signups: 0,
        purchases: 0.4,
        revenueMinor: 400,
        currency: 'NOK',
        costMinor: null,
        last: { signups: 0, purchases: 1, revenueMinor: 1_000 },
      },
    ])
    expect(answer.totals).toMatchObject({
      signups: 1,
      purchases: 1,
      revenueMinor: 1_000,
      last: { signups: 1, purchases: 1, revenueMinor: 1_000 },
    })
    expect(answer.query).toMatchObject({ model: 'position', by: ['campaign'], windows: { spring: { clickDays: 30, viewDays: 1 } } })
    expect(answer.cost).toMatchObject({ costMinor: null, reason: expect.stringContaining('model=last') })
    expect(answer.notInLedger).toBe(0)
  })

  it.each([
    ['first', { mail: 1 }],
    ['linear', { mail: 0.333334, google: 0.333333, news: 0.333333 }],
    ['position', { mail: 0.4, google: 0.2, news: 0.4 }],
    // Halved for every week before the newest: 2^(-7/7), 2^(-2/7) and 1.
    ['decay', { mail: 0.215486, google: 0.353542, news: 0.430972 }],
  ])('%s, by the source of the touch', async (model, expected) => {
    const { rows } = await collector.results(`by=source&campaign=&model=${model}`)
    const shares = Object.fromEntries(
      rows.filter(({ purchases }: never) => purchases).map(({ source, purchases }: never) => [source, purchases]),
    )
    expect(shares).toEqual(expected)
  })

  it('takes another half-life, campaign and tag', async () => {
    const { rows, query } = await collector.results('by=source&campaign=autumn&source=google&model=decay&halfLifeDays=0.5')
    expect(query).toMatchObject({ halfLifeDays: 0.5, filters: { campaign: 'autumn', source: 'google' } })
    expect(rows).toMatchObject([{ source: 'google', purchases: 0.05882, revenueMinor: 59, last: { purchases: 0 } }])
  })

  it('changes nothing of the bill', async () => {
    const before = await collector.results('by=campaign')
    for (const model of ['first', 'linear', 'decay', 'position']) await collector.results(`model=${model}`)
    expect(await collector.results('by=campaign&model=last')).toEqual(before)
    expect(before.rows.find(({ campaign }: never) => campaign === 'spring')).toMatchObject({ purchases: 1, costMinor: 100 })
  })

  it('says how many conversions have left the ledger with their touches', async () => {
    await collector.store.append([ledgerEventOf({ n: 9, receivedAt: NOON + DAY })])
    await collector.store.prune({ before: NOON + 1_000 })
    expect(await collector.results('model=linear')).toMatchObject({ rows: [], notInLedger: 2 })
  })

  it('is CSV where that is asked for', async () => {
    const response = await collector.admin('GET', '/v1/results?by=campaign,day&model=first&format=csv')
    expect(response.headers.get('content-type')).toContain('text/csv')
    expect((await response.text()).split('\r\n')).toEqual([
      'campaign,day,signups,purchases,revenueMinor,currency,lastSignups,lastPurchases,lastRevenueMinor',
      ',2026-11-24,1,0,0,NOK,1,0,0',
      'autumn,2026-11-24,0,1,1000,NOK,0,0,0',
      'spring,2026-11-24,0,0,0,NOK,0,1,1000',
      '',
    ])
  })

  it.each([
    ['model=middle', 'model', 'first, linear, decay or position'],
    ['model=decay&halfLifeDays=0', 'halfLifeDays', '0.01 to 365'],
    ['model=decay&halfLifeDays=week', 'halfLifeDays', '0.01 to 365'],
    ['model=linear&halfLifeDays=7', 'halfLifeDays', 'model=decay only'],
    ['halfLifeDays=7', 'halfLifeDays', 'model=decay only'],
    ['model=first&by=device', 'by', 'placement, source, medium, content, term'],
    ['model=first&by=campaign,segment.plan', 'by', 'placement, source, medium, content, term'],
    ['model=first&consent=granted', 'consent', 'placement, source, medium, content, term'],
  ])('%s: 422 for %s', async (query, field, help) => {
    const response = await collector.admin('GET', `/v1/results?${query}`)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_filter', field, message: expect.stringContaining(help) } })
  })

  it('refuses a range of more events than it may read', async () => {
    const { store } = collector
    const many = {
      ...store,
      totals: async (query: Parameters<typeof store.totals>[0]) =>
        (await store.totals(query)).map((row) => ({ ...row, count: row.count * 2_000_000 })),
    }
    const query = parseResultsQuery({}, { registry: collector.registry, now: NOON })
    const credit = { model: 'first' as const, halfLifeMs: DAY }
    const asked = computeAttribution(query, { credit, store: many, registry: collector.registry, now: NOON })
    await expect(asked).rejects.toMatchObject({
      code: 'range_too_large',
      field: 'from',
      message: expect.stringContaining('6000000 events'),
    })
    await expect(computeAttribution(query, { credit, store, registry: collector.registry, now: NOON })).resolves.toMatchObject({
      notInLedger: 0,
    })
  })
})
