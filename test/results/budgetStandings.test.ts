import { describe, expect, it } from 'vitest'
import type { Terms } from '../../collector/money/terms.ts'
import type { Campaign } from '../../collector/registry.ts'
import { budgetStandings, endOf } from '../../collector/results/budgetStandings.ts'

const at = (text: string) => Date.parse(text)
const version = (from: string, more: Partial<Terms> = {}) =>
  ({
    from: at(from),
    pays: [{ model: 'cpc', rate: '1' }],
    budget: { total: '1000.00', monthly: '300.00', daily: '24.00' },
    status: 'active',
    ...more,
  }) as Terms
const campaign = (terms: Terms[], more: Partial<Campaign> = {}) =>
  ({ id: 'spring', currency: 'NOK', timeZone: 'Europe/Oslo', terms, ...more }) as Campaign
const OWED = new Map([
  ['2026-10-31', 100n],
  ['2026-11-01', 200n],
  ['2026-11-23', 300n],
  ['2026-11-24', 400n],
])
const TERMS = [version('2026-10-01T00:00:00+02:00')]

describe('how budgets stand', () => {
  it('sums the days of the period up to the instant asked about, and no later ones', () => {
    const owedAt = (instant: string) => budgetStandings(campaign(TERMS), { owed: OWED, at: at(instant) }).map(({ owed }) => owed)
    expect(owedAt('2026-11-24T12:00:00+01:00')).toEqual([1_000n, 900n, 400n])
    expect(owedAt('2026-11-23T23:59:59.999+01:00')).toEqual([600n, 500n, 300n])
    expect(owedAt('2026-10-31T12:00:00+01:00')).toEqual([100n, 100n, 100n])
    expect(owedAt('2026-12-01T00:00:00+01:00')).toEqual([1_000n, 0n, 0n])
  })

  it('turns day and month in the time zone of the campaign', () => {
    const periods = (timeZone: string) =>
      budgetStandings(campaign(TERMS, { timeZone }), { owed: OWED, at: at('2026-11-30T23:30:00Z') }).map(({ period }) => period)
    expect(periods('Europe/Oslo')).toEqual(['', '2026-12', '2026-12-01'])
    expect(periods('America/Los_Angeles')).toEqual(['', '2026-11', '2026-11-30'])
  })

  it('is even over the part of a month or day in which the campaign runs', () => {
    const terms = [version('2026-11-21T00:00:00+01:00'), version('2026-11-24T18:00:00+01:00', { pays: [] })]
    const standings = budgetStandings(campaign(terms), { owed: OWED, at: at('2026-11-24T09:00:00+01:00') })
    // 81 of 90 hours of total and month, 9 of 18 of the day.
    expect(standings.map(({ expectedShare }) => expectedShare)).toEqual([0.9, 0.9, 0.5])
  })

  it('counts the hours that a day has where clocks change', () => {
    const [, , daily] = budgetStandings(campaign(TERMS), { owed: new Map(), at: at('2026-10-25T12:00:00+01:00') })
    expect(daily?.expected).toBe((2_400n * 13n) / 25n)
  })

  it('counts no day before the first result as one without spending', () => {
    const owed = new Map([21, 22, 23, 24].map((day) => [`2026-11-${day}`, 1_000n]))
    const [total] = budgetStandings(campaign(TERMS), { owed, at: at('2026-11-24T12:00:00+01:00') })
    expect(total?.exhaustion).toEqual({ days: 96, earliest: 96, latest: 96 })
  })

  it('has nothing to tell before the first terms and without budgets', () => {
    expect(budgetStandings(campaign(TERMS), { owed: OWED, at: at('2026-09-01T00:00:00Z') })).toEqual([])
    const free = [version('2026-10-01T00:00:00Z', { budget: { total: null, monthly: null, daily: null } })]
    expect(budgetStandings(campaign(free), { owed: OWED, at: at('2026-11-24T00:00:00Z') })).toEqual([])
  })
})

describe('the end of a campaign', () => {
  const end = '2026-12-24T00:00:00+01:00'
  it('is the next instant from which the terms in force pay for nothing', () => {
    const ending = version(end, { pays: [] })
    expect(endOf(TERMS, at('2026-11-01T00:00:00Z'))).toBeUndefined()
    expect(endOf([...TERMS, ending], at('2026-11-01T00:00:00Z'))).toBe(at(end))
    expect(endOf([...TERMS, ending], at('2026-12-25T00:00:00Z'))).toBeUndefined()
    expect(endOf([...TERMS, ending, version(end)], at('2026-11-01T00:00:00Z'))).toBeUndefined() // taken back: the last posted holds
  })
})
