import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, ledgerEventOf, NOON } from '../support/events.ts'

const DAY = 86_400_000

let collector: TestCollector
let made: number
beforeEach(async () => {
  made = 0
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
})
afterEach(() => collector.destroy())

/** Clicks at 2.00. */
const clicks = (count: number, at: number) =>
  collector.store.append(Array.from({ length: count }, () => ledgerEventOf({ id: idNumber(++made, at), occurredAt: at })))
const agree = (budget: object, more: object = {}) =>
  collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [{ model: 'cpc', rate: '2.00' }],
    budget: { total: null, monthly: null, daily: null, ...budget },
    ...more,
  })
// biome-ignore lint/suspicious/noExplicitAny: looks into an answer
const standing = async (): Promise<any> => (await collector.admin('GET', '/v1/campaigns/spring/budget')).json()

describe('GET /v1/campaigns/:id/budget', () => {
  it('tells of each budget what is owed, left, used and expected by now', async () => {
    await agree({ total: '1000.00', monthly: '720.00', daily: '48.00' })
    await clicks(10, NOON - 3 * DAY)
    await clicks(6, NOON - 3_600_000)
    const month = (Date.UTC(2026, 10, 24, 12) - Date.UTC(2026, 9, 31, 23)) / (30 * DAY)
    expect(await standing()).toMatchObject({
      campaign: 'spring',
      currency: 'NOK',
      timeZone: 'Europe/Oslo',
      asOf: '2026-11-24T12:00:00.000Z',
      method: expect.stringContaining('prediction interval'),
      budgets: [
        {
          budget: 'total',
          period: null,
          limitMinor: 100_000,
          owedMinor: 3_200,
          leftMinor: 96_800,
          used: 0.032,
          pace: 'even',
          expectedMinor: null,
        },
        {
          budget: 'monthly',
          period: '2026-11',
          limitMinor: 72_000,
          owedMinor: 3_200,
          leftMinor: 68_800,
          expectedMinor: Math.floor(72_000 * month),
        },
        // 13 of 24 hours of the day have gone in Oslo.
        { budget: 'daily', period: '2026-11-24', limitMinor: 4_800, owedMinor: 1_200, leftMinor: 3_600, used: 0.25, expectedMinor: 2_600 },
      ],
    })
  })

  it('projects the day on which total and month are used up, from the last 14 full days', async () => {
    await agree({ total: '500.00', monthly: '320.00', daily: '100.00' })
    for (let day = 14; day >= 1; day--) await clicks(10, NOON - day * DAY) // 20.00 a day
    const [total, monthly, daily] = (await standing()).budgets
    // 220.00 are left of the total, eleven days; 40.00 of the month, two.
    expect(total.exhaustion).toEqual({ day: '2026-12-05', earliest: '2026-12-05', latest: '2026-12-05' })
    expect(monthly.exhaustion).toEqual({ day: '2026-11-26', earliest: '2026-11-26', latest: '2026-11-26' })
    expect(daily.exhaustion).toBe(null)
  })

  it('projects no day after the month, and with days that differ a range', async () => {
    await agree({ total: '1500.00', monthly: '490.00' })
    for (let day = 14; day >= 1; day--) await clicks(10 + (day % 3), NOON - day * DAY)
    const [total, monthly] = (await standing()).budgets
    expect(monthly.exhaustion).toEqual({ day: null, earliest: null, latest: null })
    expect(total.exhaustion.earliest < total.exhaustion.day && total.exhaustion.day < total.exhaustion.latest).toBe(true)
  })

  it('projects nothing while nothing is spent, and expects nothing at a pace as fast as possible', async () => {
    await agree({ total: '500.00', monthly: '320.00', pace: 'asap' })
    expect((await standing()).budgets).toMatchObject([
      { budget: 'total', owedMinor: 0, pace: 'asap', exhaustion: null },
      { budget: 'monthly', owedMinor: 0, pace: 'asap', expectedMinor: null, expectedShare: null, exhaustion: null },
    ])
  })

  it('spreads the total over the time to the end of the campaign, where terms pay for nothing', async () => {
    await agree({ total: '1000.00' })
    await agree({}, { from: '2026-12-01T00:00:00+01:00', pays: [] })
    const [total] = (await standing()).budgets
    expect(total.expectedShare).toBeCloseTo((NOON - Date.UTC(2026, 9, 31, 23)) / (30 * DAY), 6)
  })

  it('shows what lies over no budget: owed is never more than the limit', async () => {
    await agree({ monthly: '30.01' })
    await clicks(40, NOON - DAY)
    expect((await standing()).budgets).toMatchObject([{ limitMinor: 3_001, owedMinor: 3_001, leftMinor: 0, used: 1, exhaustion: null }])
  })

  it('is empty without budgets, and refuses a campaign that is not there and callers without a token', async () => {
    expect((await standing()).budgets).toEqual([])
    const missing = await collector.admin('GET', '/v1/campaigns/other/budget')
    expect([missing.status, (await missing.json()).error.code]).toEqual([404, 'not_found'])
    expect((await collector.app.request('/v1/campaigns/spring/budget')).status).toBe(401)
  })

  it('refuses a pace that is none', async () => {
    const response = await agree({ pace: 'slow' })
    expect([response.status, (await response.json()).error.field]).toEqual([422, 'budget.pace'])
  })
})
