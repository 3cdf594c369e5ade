import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../collector/money/terms.ts'
import { openRegistry } from '../../collector/registry.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { computeStatement } from '../../collector/results/computeStatement.ts'
import { dayOf } from '../../collector/results/days.ts'
import { owedByDay } from '../../collector/results/owedByDay.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import { applyRetention } from '../../collector/retention.ts'
import type { LedgerEvent } from '../../collector/store/store.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
/** Over the end of a month. */
const FIRST = Date.UTC(2026, 9, 29)
const LAST = Date.UTC(2026, 10, 3)
const ZONES = ['UTC', 'Europe/Oslo', 'Asia/Kathmandu', 'America/Los_Angeles']

const PRICES: Record<Model, { type: LedgerEvent['type']; rates: string[]; per: bigint }> = {
  cpm: { type: 'impression', rates: ['37.50', '0.333', '1000'], per: 1_000n },
  vcpm: { type: 'impression', rates: ['50'], per: 1_000n },
  cpc: { type: 'click', rates: ['2.00', '0.005', '7.77'], per: 1n },
  cpl: { type: 'signup', rates: ['25', '0.5'], per: 1n },
  cps: { type: 'purchase', rates: ['40', '12.345'], per: 1n },
}

const amount = fc
  .option(fc.integer({ min: 0, max: 40_000 }), { nil: null })
  .map((minor) => (minor === null ? null : (minor / 100).toFixed(2)))
/** Up to two steps to another rate. */
const tiersOf = (...rates: string[]) =>
  fc
    .uniqueArray(fc.integer({ min: 2, max: 30 }), { maxLength: rates.length })
    .map((starts) => starts.sort((a, b) => a - b).map((from, i) => ({ from, rate: rates[i] ?? '1' })))
const number = fc.option(fc.nat(20), { nil: null })
const resultBudget = (model: 'cpm' | 'cpc' | 'cps') =>
  fc.record({ model: fc.constant(model), total: number, monthly: number, daily: number })
const terms = fc.record({
  from: fc.integer({ min: FIRST, max: LAST }),
  rates: fc.record({
    cpm: fc.constantFrom(...PRICES.cpm.rates),
    cpc: fc.constantFrom(...PRICES.cpc.rates),
    cps: fc.constantFrom(...PRICES.cps.rates),
  }),
  tiers: fc.record({ cpm: tiersOf('0.777', '90'), cpc: tiersOf('3.33', '0.001'), cps: tiersOf('50', '1.23456') }),
  budget: fc.record({ total: amount, monthly: amount, daily: amount }),
  results: fc.subarray(['cpm', 'cpc', 'cps'] as const).chain((models) => fc.tuple(...models.map(resultBudget))),
  status: fc.constantFrom('active' as const, 'active' as const, 'active' as const, 'paused' as const),
})
/** Many in one quarter of an hour, and some at the same millisecond, where a budget may run out. */
const instant = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc.tuple(fc.nat(6), fc.nat(900_000)).map(([n, ms]) => FIRST + n * 17 * 3_600_000 + ms),
  fc.nat(6).map((n) => FIRST + n * 17 * 3_600_000),
)
const event = fc.record({
  type: fc.constantFrom('impression' as const, 'click' as const, 'click' as const, 'purchase' as const),
  occurredAt: instant,
  site: fc.constantFrom('shop', 'news'),
  placement: fc.constantFrom('top', 'side', undefined),
})

function halfEven(n: bigint, d: bigint): bigint {
  const floor = n / d
  const rest = n - floor * d
  return rest * 2n < d || (rest * 2n === d && floor % 2n === 0n) ? floor : floor + 1n
}
const micros = (text: string) => BigInt(Math.round(Number(text) * 1e8)) // millionths of an øre

type Version = typeof terms extends fc.Arbitrary<infer Value> ? Value : never

/** Event by event in the order (occurredAt, id): its price by the running total of its model, as far as all budgets in force allow. */
function oracle(events: LedgerEvent[], versions: Version[], timeZone: string): { owed: Map<string, bigint>; unbilled: bigint } {
  const running = new Map<string, bigint>()
  const seen = new Map<string, number>()
  const paid = new Map<string, number>()
  const spent = new Map<string, bigint>()
  const owed = new Map<string, bigint>()
  let unbilled = 0n
  const ordered = events.toSorted((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))
  for (const { type, occurredAt } of ordered) {
    const inForce = versions.filter(({ from }) => from <= occurredAt).sort((a, b) => b.from - a.from)[0]
    if (!inForce || inForce.status === 'paused') continue
    const day = dayOf(occurredAt, timeZone)
    const spans = { total: 'total', monthly: day.slice(0, 7), daily: day }
    let price = 0n
    let due = 0n
    for (const model of ['cpm', 'cpc', 'cps'] as const) {
      if (PRICES[model].type !== type) continue
      const count = (seen.get(model) ?? 0) + 1
      seen.set(model, count)
      const rate = inForce.tiers[model].findLast(({ from }) => from <= count)?.rate ?? inForce.rates[model]
      const before = running.get(model) ?? 0n
      const after = before + (micros(rate) * 1_000n) / PRICES[model].per
      running.set(model, after)
      price = halfEven(after, 1_000_000_000n) - halfEven(before, 1_000_000_000n)
      const agreed = inForce.results.find((one) => one.model === model)
      const places = (['total', 'monthly', 'daily'] as const).map((span) => ({
        key: `${model} ${span} ${spans[span]}`,
        agreed: agreed?.[span] ?? null,
      }))
      if (places.some(({ key, agreed }) => agreed !== null && (paid.get(key) ?? 0) >= agreed)) continue
      for (const { key } of places) paid.set(key, (paid.get(key) ?? 0) + 1)
      due = price
    }
    for (const span of ['total', 'monthly', 'daily'] as const) {
      const agreed = inForce.budget[span]
      if (agreed === null) continue
      const left = BigInt(Math.round(Number(agreed) * 100)) - (spent.get(spans[span]) ?? 0n)
      if (left < due) due = left < 0n ? 0n : left
    }
    for (const span of Object.values(spans)) spent.set(span, (spent.get(span) ?? 0n) + due)
    owed.set(day, (owed.get(day) ?? 0n) + due)
    unbilled += price - due
  }
  return { owed, unbilled }
}

describe('budgets', () => {
  it('bound what is owed to the unit, as an oracle works it out event by event, however it is split and after retention', async () => {
    const versions = fc.uniqueArray(terms, { minLength: 1, maxLength: 4, selector: ({ from }) => from })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 80 }), versions, fc.constantFrom(...ZONES), async (list, posted, timeZone) => {
        const place = await sqlitePlace()
        const store = await place.open()
        try {
          const registry = await openRegistry({ store, now: () => NOON })
          await registry.putCampaign('spring', {
            currency: 'NOK',
            timeZone,
            invalidTraffic: { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null },
          })
          for (const { from, rates, tiers, budget, results, status } of posted) {
            const pays = (['cpm', 'cpc', 'cps'] as const).map((model) => ({ model, rate: rates[model], tiers: tiers[model] }))
            const rest = { windows: { clickDays: 30, viewDays: 1 }, validationDays: 0, evidence: 'browser' as const }
            await registry.addTerms('spring', { from: new Date(from).toISOString(), pays, status, budget: { ...budget, results }, ...rest })
          }
          const events = list.map(
            ({ placement, ...rest }, n): LedgerEvent => ({
              ...rest,
              id: idNumber(n),
              campaign: 'spring',
              receivedAt: rest.occurredAt,
              verdict: 'counted',
              witness: 'browser',
              tags: placement === undefined ? {} : { placement },
              viewable: false,
              ...(rest.type === 'purchase' && { valueMinor: 100, currency: 'NOK' }),
              evidence: {},
            }),
          )
          await store.append(events)
          const ask = (parameters: Record<string, string>) =>
            computeResults(parseResultsQuery({ from: '2026-10-27', to: '2026-11-05', ...parameters }, { registry, now: NOON }), {
              store,
              registry,
              now: NOON,
            })
          const expected = oracle(events, posted, timeZone)
          const check = async () => {
            const days = await ask({ by: 'day' })
            expect(
              new Map(
                days.rows.map(({ day, costMinor }) => [day, BigInt(costMinor ?? 0)]).filter(([, cost]) => cost !== 0n) as [
                  string,
                  bigint,
                ][],
              ),
            ).toEqual(new Map([...expected.owed].filter(([, due]) => due !== 0n)))
            expect(BigInt(days.totals.unbilledMinor ?? 0)).toBe(expected.unbilled)
            const whole = Number([...expected.owed.values()].reduce((sum, due) => sum + due, 0n))
            for (const by of ['campaign', 'placement', 'site', 'day,placement', 'placement,site']) {
              const { rows } = await ask({ by })
              expect(rows.reduce((sum, row) => sum + (row.costMinor ?? 0), 0)).toBe(whole)
            }
            const filtered = await Promise.all(['top', 'side', '(none)'].map((placement) => ask({ by: 'day', placement })))
            expect(filtered.reduce((sum, { totals }) => sum + (totals.costMinor ?? 0), 0)).toBe(whole)
          }
          const campaign = registry.campaign('spring')
          if (!campaign) throw new Error('no campaign')
          const statement = () => computeStatement({ campaign, from: '2026-10-27', to: '2026-11-05' }, { store, closed: [] })
          const checkLines = async () => {
            const { lines, owedMinor, unbilledMinor } = await statement()
            const perDay = new Map<string, bigint>()
            for (const { day, amountMinor } of lines) perDay.set(day, (perDay.get(day) ?? 0n) + BigInt(amountMinor))
            expect(new Map([...perDay].filter(([, due]) => due !== 0n))).toEqual(
              new Map([...expected.owed].filter(([, due]) => due !== 0n)),
            )
            const byDay = await owedByDay(campaign, { store, at: LAST + 2 * DAY })
            for (const [day, due] of byDay) expect([day, due]).toEqual([day, expected.owed.get(day) ?? 0n])
            expect([...expected.owed.keys()].filter((day) => !byDay.has(day))).toEqual([])
            expect([BigInt(unbilledMinor), owedMinor]).toEqual([
              expected.unbilled,
              lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
            ])
          }
          const split = async () => (await ask({ by: 'day,placement,site' })).rows
          await check()
          await checkLines()
          const [before, bytes] = [await split(), JSON.stringify(await statement())]
          await applyRetention({ store, registry, days: 91, now: LAST + 200 * DAY })
          await check()
          expect(await split()).toEqual(before)
          expect(JSON.stringify(await statement())).toBe(bytes)
        } finally {
          await store.close()
          await place.destroy()
        }
      }),
      { numRuns: 100 },
    )
  })
})
