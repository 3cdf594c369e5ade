import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkStatement, type Statement } from '../../collector/money/statement.ts'
import { openRegistry } from '../../collector/registry.ts'
import { closePeriod } from '../../collector/results/closePeriod.ts'
import { computeStatement } from '../../collector/results/computeStatement.ts'
import { applyRetention } from '../../collector/retention.ts'
import type { LedgerEvent } from '../../collector/store/store.ts'
import { idNumber } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
const FIRST = Date.UTC(2026, 9, 28)

const event = fc.record({
  type: fc.constantFrom('impression' as const, 'click' as const, 'purchase' as const),
  occurredAt: fc.integer({ min: FIRST, max: FIRST + 8 * DAY }),
  value: fc.integer({ min: 0, max: 50_000 }),
})
const decimals = fc.integer({ min: 1, max: 3_000 }).map((minor) => (minor / 100).toFixed(2))
const terms = fc.record({
  from: fc.integer({ min: FIRST - DAY, max: FIRST + 8 * DAY }),
  cpm: decimals,
  cpc: decimals,
  share: fc.integer({ min: 0, max: 300 }).map((parts) => (parts / 1000).toFixed(3)),
  daily: fc.option(decimals, { nil: null }),
  clicks: fc.option(fc.nat(5), { nil: null }),
})
const step = fc.oneof(
  fc.record({ do: fc.constant('events' as const), events: fc.array(event, { minLength: 1, maxLength: 12 }) }),
  fc.record({ do: fc.constant('terms' as const), terms }),
  fc.record({ do: fc.constant('refund' as const), order: fc.nat(20), value: fc.option(decimals) }),
  fc.record({ do: fc.constant('close' as const), days: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('rebuild' as const, 'restart' as const, 'retention' as const) }),
)

it('adds up over all periods to what ledger and terms say, and never changes a closed one', async () => {
  let corrected = 0
  await fc.assert(
    fc.asyncProperty(
      terms,
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.constantFrom('UTC', 'Europe/Oslo'),
      async (agreed, steps, timeZone) => {
        const place = await sqlitePlace()
        let store = await place.open()
        const now = FIRST + 200 * DAY
        let registry = await openRegistry({ store, now: () => now })
        let n = 0
        const closed: Statement[] = []
        const campaign = () => {
          const found = registry.campaign('spring')
          if (!found) throw new Error('no campaign')
          return found
        }
        const agree = ({ from, cpm, cpc, share, daily, clicks }: typeof agreed) =>
          registry.addTerms('spring', {
            from: new Date(from).toISOString(),
            pays: [
              { model: 'cpm', rate: cpm },
              { model: 'cpc', rate: cpc, tiers: [{ from: 9, rate: '0.01' }] },
              { model: 'cps', share },
            ],
            budget: { total: null, monthly: null, daily, results: [{ model: 'cpc', total: null, monthly: null, daily: clicks }] },
            windows: { clickDays: 30, viewDays: 1 },
            validationDays: 0,
            evidence: 'browser',
            status: 'active',
          })
        try {
          await registry.putCampaign('spring', {
            currency: 'NOK',
            timeZone,
            invalidTraffic: { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null },
          })
          await agree({ ...agreed, from: FIRST - DAY })
          for (const one of [...steps, { do: 'events' as const, events: [] }]) {
            if (one.do === 'events') {
              await store.append(
                one.events.map(({ type, occurredAt, value }): LedgerEvent => {
                  n += 1
                  return {
                    id: idNumber(n),
                    type,
                    site: 'shop',
                    campaign: 'spring',
                    occurredAt,
                    receivedAt: occurredAt,
                    verdict: 'counted',
                    witness: 'browser',
                    tags: {},
                    viewable: false,
                    ...(type === 'purchase' && { valueMinor: value, currency: 'NOK' }),
                    evidence: type === 'purchase' ? { orderId: `A-${n}` } : {},
                  }
                }),
              )
            } else if (one.do === 'terms') await agree(one.terms)
            else if (one.do === 'refund') {
              const { order, value } = one
              const orderId = `A-${order}`
              await store.adjust(
                [{ site: 'shop', order: { orderId }, id: `r-${n}-${order}`, action: 'refund', at: now, ...(value !== null && { value }) }],
                now,
              )
            } else if (one.do === 'rebuild') await store.rebuild()
            else if (one.do === 'retention') await applyRetention({ store, registry, days: 91, now })
            else if (one.do === 'restart') {
              await store.close()
              store = await place.open()
              registry = await openRegistry({ store, now: () => now })
            } else if (one.do === 'close' && n > 0) {
              const last = closed.at(-1)
              const from = last ? Date.parse(last.to) + DAY : ((await store.firstAt('spring')) ?? 0)
              const to = new Date(Math.min(from + one.days * DAY, now - 2 * DAY)).toISOString().slice(0, 10)
              const made = await closePeriod({ campaign: campaign(), to }, { registry, store, now })
              expect(made).toMatchObject({ closed: true, ...(last && { previous: last.hash }) })
              closed.push(JSON.parse(JSON.stringify(made)))
            }
          }
          const held = registry.closings('spring')
          expect(held).toEqual(closed)
          for (const { from, to, ...rest } of closed) {
            const again = await computeStatement({ campaign: campaign(), from, to }, { store, closed: held })
            expect(JSON.stringify(again)).toBe(JSON.stringify({ ...again, ...rest }))
            expect(checkStatement(again)).toBeNull()
          }
          const whole = await computeStatement({ campaign: campaign(), from: '2026-10-01', to: '2027-01-31' }, { store, closed: [] })
          const last = closed.at(-1)
          if (!last) return
          const open = await computeStatement(
            { campaign: campaign(), from: new Date(Date.parse(last.to) + DAY).toISOString().slice(0, 10), to: '2027-01-31' },
            { store, closed: held },
          )
          expect(checkStatement(open)).toBeNull()
          corrected += open.lines.filter(({ corrects }) => corrects).length
          const all = [...closed, open]
          const sum = (of: (statement: Statement) => number) => all.reduce((total, statement) => total + of(statement), 0)
          expect(sum(({ owedMinor }) => owedMinor)).toBe(whole.owedMinor)
          expect(sum(({ unbilledMinor }) => unbilledMinor)).toBe(whole.unbilledMinor)
          const lineSum = (list: Statement[]) => {
            const sums = new Map<string, number[]>()
            for (const { day, model, terms, results, unbilled, amountMinor } of list.flatMap(({ lines }) => lines)) {
              const [a = 0, b = 0, c = 0] = sums.get(`${day} ${model} ${terms}`) ?? []
              sums.set(`${day} ${model} ${terms}`, [a + results, b + unbilled, c + amountMinor])
            }
            return [...sums].filter(([, sum]) => sum.some((one) => one !== 0)).sort()
          }
          expect(lineSum(all)).toEqual(lineSum([whole]))
        } finally {
          await store.close()
          await place.destroy()
        }
      },
    ),
    { numRuns: 60 },
  )
  expect(corrected).toBeGreaterThan(20)
}, 120_000)
