import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CREDIT_MODELS, type CreditModel, credits, DEFAULT_HALF_LIFE_MS } from '../../collector/attribution/credits.ts'
import type { AttributionAnswer, AttributionRow, Credited } from '../../collector/results/attributionRows.ts'
import { computeAttribution } from '../../collector/results/computeAttribution.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import { type ParsedEvent, parseEvent, type Touch } from '../../sdk/wire.ts'
import { testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'

const DAY = 86_400_000
const CURRENCIES: Record<string, string> = { a: 'NOK', b: 'EUR', c: 'NOK' }
const WINDOWS: Record<string, [click: number, view: number]> = { a: [30, 1], b: [3, 2], c: [30, 1] }

const touch = fc.record(
  {
    type: fc.constantFrom('click', 'impression'),
    campaign: fc.constantFrom('a', 'b', 'c'),
    daysBefore: fc.integer({ min: -1, max: 32 }),
    source: fc.constantFrom('google', 'news', 'paypal.com'),
    placement: fc.constantFrom('top', 'foot'),
  },
  { requiredKeys: ['type', 'campaign', 'daysBefore'] },
)
const conversion = fc.record(
  {
    type: fc.constantFrom('signup', 'purchase'),
    hoursBefore: fc.integer({ min: 0, max: 80 }),
    valueMinor: fc.integer({ min: 0, max: 100_000 }),
    currency: fc.constantFrom('NOK', 'EUR'),
    campaign: fc.constantFrom('a', 'b'),
    touches: fc.array(touch, { maxLength: 6 }),
    isTest: fc.boolean(),
  },
  { requiredKeys: ['type', 'hoursBefore', 'valueMinor', 'currency', 'touches'] },
)

type Drawn = typeof conversion extends fc.Arbitrary<infer Each> ? Each : never

function eventOf({ type, hoursBefore, valueMinor, currency, campaign, touches, isTest }: Drawn, n: number): object {
  const occurredAt = NOON - hoursBefore * 3_600_000
  return {
    id: idNumber(n),
    type,
    occurredAt,
    campaign,
    test: isTest,
    ...(type === 'purchase' && { value: (valueMinor / 100).toFixed(2), currency }),
    touches: touches.map(({ daysBefore, ...rest }, i) => ({ ...rest, id: `t${n}-${i}`, at: occurredAt - daysBefore * DAY })),
  }
}

/** Who has a claim, as the rules say it one by one. */
function claims({ touches = [], occurredAt, campaign }: ParsedEvent): Touch[] {
  const left = touches.filter((one) => {
    const [click, view] = WINDOWS[one.campaign] ?? [0, 0]
    const age = occurredAt - one.at
    return (
      one.source !== 'paypal.com' &&
      (campaign ?? one.campaign) === one.campaign &&
      age >= 0 &&
      age <= (one.type === 'click' ? click : view) * DAY
    )
  })
  const order = (one: Touch) => JSON.stringify([one.type, one.campaign, one.id])
  return left.sort((a, b) => a.at - b.at || (order(a) < order(b) ? -1 : 1))
}

interface Sum {
  signups: number
  purchases: number
  revenue: Record<string, number>
}

/** The report by campaign, conversion by conversion: counts as floats, money as the floats that its parts are within one unit of. */
function oracle(events: ParsedEvent[], model: CreditModel): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const event of events) {
    if (event.test) continue
    const found = claims(event)
    const micros =
      found.length === 0
        ? [1_000_000n]
        : credits(
            found.map(({ at }) => at),
            { model, halfLifeMs: DEFAULT_HALF_LIFE_MS },
          )
    micros.forEach((part, i) => {
      const campaign = found[i]?.campaign ?? event.campaign ?? ''
      const sum = sums.get(campaign) ?? { signups: 0, purchases: 0, revenue: {} }
      sums.set(campaign, sum)
      sum[event.type === 'signup' ? 'signups' : 'purchases'] += Number(part) / 1e6
      if (event.currency) sum.revenue[event.currency] = (sum.revenue[event.currency] ?? 0) + ((event.valueMinor ?? 0) * Number(part)) / 1e6
    })
  }
  return sums
}

const total = (rows: AttributionRow[], side: (row: AttributionRow) => Credited, name: 'signups' | 'purchases') =>
  Math.round(rows.reduce((sum, row) => sum + side(row)[name], 0) * 1e6) / 1e6

/** Value by currency over rows. */
function revenue(rows: { currency: string | null; credited: Credited }[]): Record<string, number> {
  const sums: Record<string, number> = {}
  const add = (currency: string | null, minor: number) => {
    if (currency !== null && minor > 0) sums[currency] = (sums[currency] ?? 0) + minor
  }
  for (const { currency, credited } of rows) {
    add(currency, credited.revenueMinor)
    for (const [other, minor] of Object.entries(credited.otherRevenueMinor ?? {})) add(other, minor)
  }
  return sums
}

describe('a report by touches', () => {
  it('shares every counted conversion and its value to the unit, and stands beside what is billed', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(conversion, { minLength: 1, maxLength: 25 }), fc.constantFrom(...CREDIT_MODELS), async (drawn, model) => {
        const { store, registry, admin, post, destroy } = await testCollector()
        for (const [id, currency] of Object.entries(CURRENCIES)) {
          await admin('PUT', `/v1/campaigns/${id}`, { currency, timeZone: 'Europe/Oslo' })
          const [clickDays, viewDays] = WINDOWS[id] ?? []
          await admin('POST', `/v1/campaigns/${id}/terms`, { from: new Date(0).toISOString(), pays: [], windows: { clickDays, viewDays } })
        }
        const events = drawn.map(eventOf)
        const parsed = events.map(parseEvent)
        expect(await (await post({ site: 'shop', sentAt: NOON, events })).json()).toMatchObject({ accepted: events.length })
        const ask = (by: string, name: string) =>
          parseResultsQuery({ by, model: name, from: '2026-11-01', to: '2026-11-30', tz: 'Europe/Oslo' }, { registry, now: NOON })
        const report = async (by: string): Promise<AttributionAnswer> =>
          computeAttribution(ask(by, model), { credit: { model, halfLifeMs: DEFAULT_HALF_LIFE_MS }, store, registry, now: NOON })

        const counted = parsed.filter(({ test }) => !test)
        const byCampaign = await report('campaign')
        const expected = oracle(parsed, model)
        for (const row of byCampaign.rows) {
          const sum = expected.get(row.campaign ?? '') ?? { signups: 0, purchases: 0, revenue: {} }
          expect(row.signups).toBeCloseTo(sum.signups, 5)
          expect(row.purchases).toBeCloseTo(sum.purchases, 5)
          const found = revenue([{ currency: row.currency, credited: row }])
          for (const currency of ['NOK', 'EUR']) {
            // Each part is within one unit of its share.
            expect(Math.abs((found[currency] ?? 0) - (sum.revenue[currency] ?? 0))).toBeLessThanOrEqual(counted.length * 6)
          }
        }
        for (const campaign of expected.keys()) expect(byCampaign.rows.map((row) => row.campaign ?? '')).toContain(campaign)

        for (const by of ['campaign', 'day', 'source', 'campaign,placement,day', 'site']) {
          const { rows, totals, notInLedger } = await report(by)
          expect(notInLedger).toBe(0)
          for (const name of ['signups', 'purchases'] as const) {
            const whole = counted.filter(({ type }) => `${type}s` === name).length
            expect([total(rows, (row) => row, name), total(rows, (row) => row.last, name), totals[name], totals.last[name]]).toEqual([
              whole,
              whole,
              whole,
              whole,
            ])
          }
          const paid: Record<string, number> = {}
          for (const { currency, valueMinor } of counted) if (currency && valueMinor) paid[currency] = (paid[currency] ?? 0) + valueMinor
          expect(revenue(rows.map((row) => ({ currency: row.currency, credited: row })))).toEqual(paid)
          expect(revenue(rows.map((row) => ({ currency: row.currency, credited: row.last })))).toEqual(paid)
        }

        // What stands under `last` is what results say.
        const results = await computeResults(ask('campaign,day,source', 'last'), { store, registry, now: NOON })
        const { rows } = await report('campaign,day,source')
        for (const billed of results.rows.filter(({ campaign }) => campaign)) {
          const row = rows.find(
            ({ campaign, day, source }) => campaign === billed.campaign && day === billed.day && source === billed.source,
          )
          const { signups, purchases, revenueMinor, otherRevenueMinor } = billed
          expect(row?.last).toEqual({ signups, purchases, revenueMinor, ...(otherRevenueMinor && { otherRevenueMinor }) })
        }
        await destroy()
      }),
      { numRuns: 40 },
    )
  })
})
