import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Model } from '../../collector/money/terms.ts'
import { openRegistry } from '../../collector/registry.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import type { LedgerEvent } from '../../collector/store/store.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
const FIRST = NOON - 4 * DAY
const ZONES = ['UTC', 'Europe/Oslo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Los_Angeles']

const rate = fc.integer({ min: 0, max: 99_999 }).map((n) => (n / 1_000).toFixed(3))
const share = fc.integer({ min: 0, max: 10_000 }).map((n) => (n / 10_000).toFixed(4))
const pay = fc.oneof(
  fc.record({ model: fc.constantFrom<Model>('cpm', 'vcpm', 'cpc', 'cpl', 'cps'), rate }),
  fc.record({ model: fc.constant<Model>('cps'), share }),
)
type Pay = { model: Model; rate?: string; share?: string }

const terms = fc.record({
  from: fc.integer({ min: FIRST, max: NOON }),
  pays: fc.uniqueArray(pay as fc.Arbitrary<Pay>, { maxLength: 4, selector: ({ model, share }) => `${model} ${share === undefined}` }),
  status: fc.constantFrom('active' as const, 'active' as const, 'paused' as const),
})

const event = fc.record({
  type: fc.constantFrom('impression' as const, 'click' as const, 'signup' as const, 'purchase' as const),
  occurredAt: fc.integer({ min: FIRST, max: NOON }),
  site: fc.constantFrom('shop', 'news'),
  viewable: fc.boolean(),
  placement: fc.option(fc.constantFrom('top', 'side'), { nil: undefined }),
  valueMinor: fc.integer({ min: 0, max: 1e7 }),
  currency: fc.constantFrom('NOK', 'NOK', 'NOK', 'EUR'),
})

function ledgerEvents(list: (typeof event extends fc.Arbitrary<infer Value> ? Value : never)[]): LedgerEvent[] {
  return list.map(({ placement, valueMinor, currency, viewable, ...rest }, n) => ({
    ...rest,
    id: idNumber(n),
    campaign: 'spring',
    receivedAt: NOON,
    verdict: 'counted' as const,
    witness: 'browser' as const,
    tags: placement === undefined ? {} : { placement },
    viewable: rest.type === 'impression' && viewable,
    ...(rest.type === 'purchase' && { valueMinor, currency }),
    evidence: {},
  }))
}

/** `n / d` rounded half to even, written another way than the bill does. */
function halfEven(n: bigint, d: bigint): bigint {
  const floor = n / d
  const rest = n - floor * d
  if (rest * 2n < d) return floor
  if (rest * 2n > d) return floor + 1n
  return floor % 2n === 0n ? floor : floor + 1n
}

/** Millionths of a decimal string. */
const micro = (text: string) => BigInt(Math.round(Number(text) * 1e6))

/** What is owed, event by event: the price of each under the terms in force when it occurred, summed per model, rounded once. */
function oracle(events: LedgerEvent[], versions: { from: number; pays: Pay[]; status: string }[]): bigint {
  const perModel = new Map<Model, bigint>()
  for (const one of events) {
    const inForce = versions.filter(({ from }) => from <= one.occurredAt).sort((a, b) => b.from - a.from)[0]
    if (!inForce || inForce.status === 'paused') continue
    for (const { model, rate, share } of inForce.pays) {
      // In 1/1,000,000,000 of an øre: a rate is øre x 10^4 in millionths of a krone.
      const perThousand = rate === undefined ? 0n : micro(rate) * 100n * 1n
      let exact = 0n
      if (model === 'cpm' && one.type === 'impression') exact = perThousand
      if (model === 'vcpm' && one.type === 'impression' && one.viewable) exact = perThousand
      if (model === 'cpc' && one.type === 'click') exact = perThousand * 1_000n
      if (model === 'cpl' && one.type === 'signup') exact = perThousand * 1_000n
      if (model === 'cps' && one.type === 'purchase') {
        exact = perThousand * 1_000n
        if (share !== undefined && one.currency === 'NOK') exact = BigInt(one.valueMinor ?? 0) * micro(share) * 1_000n
      }
      perModel.set(model, (perModel.get(model) ?? 0n) + exact)
    }
  }
  return [...perModel.values()].reduce((sum, exact) => sum + halfEven(exact, 1_000_000_000n), 0n)
}

describe('results', () => {
  it('owe what an oracle works out event by event, however they are split', async () => {
    const uniqueFrom = fc.uniqueArray(terms, { maxLength: 4, selector: ({ from }) => from })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), uniqueFrom, fc.constantFrom(...ZONES), async (list, versions, timeZone) => {
        const place = await sqlitePlace()
        const store = await place.open()
        try {
          const registry = await openRegistry({ store, now: () => NOON })
          const invalidTraffic = { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null }
          await registry.putCampaign('spring', { currency: 'NOK', timeZone, invalidTraffic })
          for (const { from, pays, status } of versions) {
            await registry.addTerms('spring', {
              from: new Date(from).toISOString(),
              pays,
              status,
              budget: { total: null, monthly: null, daily: null },
              windows: { clickDays: 30, viewDays: 1 },
              validationDays: 0,
              evidence: 'browser',
            })
          }
          const events = ledgerEvents(list)
          await store.append(events)
          const ask = (parameters: Record<string, string>) =>
            computeResults(parseResultsQuery({ from: '2026-11-19', to: '2026-11-25', ...parameters }, { registry, now: NOON }), {
              store,
              registry,
              now: NOON,
            })
          const expected = Number(oracle(events, versions))
          for (const by of [
            'campaign',
            'day',
            'placement',
            'site',
            'day,placement',
            'site,day',
            'placement,witness',
            'placement,site,day',
          ]) {
            const { rows, totals } = await ask({ by })
            expect(rows.reduce((sum, row) => sum + (row.costMinor ?? 0), 0)).toBe(expected)
            expect(totals.costMinor).toBe(expected)
            for (const [figure, type] of [
              ['impressions', 'impression'],
              ['clicks', 'click'],
              ['signups', 'signup'],
              ['purchases', 'purchase'],
            ] as const) {
              expect(totals[figure]).toBe(events.filter((one) => one.type === type).length)
            }
          }
          const days = (await ask({ by: 'day' })).rows
          const perRange = await Promise.all(days.map(({ day }) => ask({ from: String(day), to: String(day) })))
          expect(perRange.map(({ totals }) => totals.costMinor)).toEqual(days.map(({ costMinor }) => costMinor))
        } finally {
          await store.close()
          await place.destroy()
        }
      }),
      { numRuns: 60 },
    )
  })
})
