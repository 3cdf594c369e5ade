import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkStatement } from '../../collector/money/statement.ts'
import { openRegistry, type Registry } from '../../collector/registry.ts'
import { closePeriod } from '../../collector/results/closePeriod.ts'
import { computeStatement } from '../../collector/results/computeStatement.ts'
import { applyRetention } from '../../collector/retention.ts'
import type { LedgerEvent, Store } from '../../collector/store/store.ts'
import { idNumber } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const NOW = Date.UTC(2026, 11, 15)
const OFF = { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null }
const FOLDER = join(import.meta.dirname, 'golden')

/** The same numbers for ever: a linear congruential generator (Numerical Recipes). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function eventsOf({
  seed,
  count,
  from,
  to,
  currency,
}: {
  seed: number
  count: number
  from: number
  to: number
  currency: string
}): LedgerEvent[] {
  const next = numbers(seed)
  return Array.from({ length: count }, (_, n) => {
    const occurredAt = from + next(to - from)
    const type = (['impression', 'impression', 'impression', 'click', 'signup', 'purchase'] as const)[next(6)] ?? 'click'
    const value = 1_000 + next(90_000)
    return {
      id: idNumber(seed * 10_000 + n),
      type,
      site: 'shop',
      campaign: 'spring',
      occurredAt,
      receivedAt: occurredAt + 100,
      verdict: next(20) === 0 ? ('bot' as const) : ('counted' as const),
      witness: 'browser' as const,
      tags: { placement: `p${next(3)}` },
      viewable: type === 'impression' && next(2) === 0,
      ...(type === 'purchase' && { valueMinor: value, currency }),
      evidence: type === 'purchase' ? { orderId: `A-${seed}-${n}` } : type === 'signup' ? { leadId: `L-${seed}-${n}` } : {},
    }
  })
}

type Terms = Parameters<Registry['addTerms']>[1]
const agreed = (change: Pick<Terms, 'pays'> & Partial<Terms>): Terms => ({
  budget: { total: null, monthly: null, daily: null },
  windows: { clickDays: 30, viewDays: 1 },
  validationDays: 0,
  evidence: 'browser',
  status: 'active',
  ...change,
})

interface Ledger {
  name: string
  campaign: { currency: string; timeZone: string }
  from: string
  to: string
  fill(store: Store, registry: Registry): Promise<void>
}

const LEDGERS: Ledger[] = [
  {
    name: 'all-models-over-a-clock-change',
    campaign: { currency: 'NOK', timeZone: 'Europe/Oslo' },
    from: '2026-10-24',
    to: '2026-10-26',
    async fill(store, registry) {
      await registry.addTerms(
        'spring',
        agreed({
          from: '2026-10-24T00:00:00+02:00',
          pays: [
            { model: 'cpm', rate: '37.50' },
            { model: 'vcpm', rate: '12.345' },
            { model: 'cpc', rate: '2.00' },
            { model: 'cpl', rate: '25.00' },
            { model: 'cps', rate: '1.50' },
            { model: 'cps', share: '0.10' },
          ],
        }),
      )
      await registry.addTerms('spring', agreed({ from: '2026-10-25T02:30:00+01:00', pays: [{ model: 'cpc', rate: '1.75' }] }))
      await store.append(eventsOf({ seed: 1, count: 400, from: Date.UTC(2026, 9, 24), to: Date.UTC(2026, 9, 27), currency: 'NOK' }))
    },
  },
  {
    name: 'tiers-and-budgets',
    campaign: { currency: 'JPY', timeZone: 'Asia/Kathmandu' },
    from: '2026-11-01',
    to: '2026-11-05',
    async fill(store, registry) {
      await registry.addTerms(
        'spring',
        agreed({
          from: '2026-10-31T00:00:00Z',
          pays: [
            { model: 'cpc', rate: '3.5', tiers: [{ from: 21, rate: '4' }] },
            { model: 'cps', share: '0.10', tiers: [{ from: 11, share: '0.12' }] },
          ],
          budget: { total: '200000', monthly: null, daily: '60000', results: [{ model: 'cpc', total: null, monthly: null, daily: 9 }] },
        }),
      )
      await store.append(eventsOf({ seed: 2, count: 300, from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 10, 5), currency: 'JPY' }))
    },
  },
  {
    name: 'corrections-of-a-closed-period',
    campaign: { currency: 'KWD', timeZone: 'America/Los_Angeles' },
    from: '2026-11-04',
    to: '2026-11-06',
    async fill(store, registry) {
      const pays = [
        { model: 'cpl' as const, rate: '0.7505' },
        { model: 'cps' as const, share: '0.085' },
      ]
      await registry.addTerms('spring', agreed({ from: '2026-10-01T00:00:00Z', pays, validationDays: 2 }))
      await store.append(eventsOf({ seed: 3, count: 150, from: Date.UTC(2026, 10, 1, 12), to: Date.UTC(2026, 10, 6), currency: 'KWD' }))
      const campaign = registry.campaign('spring')
      if (campaign) await closePeriod({ campaign, to: '2026-11-03' }, { registry, store, now: NOW })
      await store.append(eventsOf({ seed: 4, count: 20, from: Date.UTC(2026, 10, 2), to: Date.UTC(2026, 10, 4), currency: 'KWD' }))
      const orders = (await store.ledger({ afterSeq: 0, limit: 200 })).flatMap(({ evidence }) => evidence.orderId ?? [])
      await store.adjust(
        orders.slice(0, 8).map((orderId, i) => ({
          site: 'shop',
          order: { orderId },
          id: `r-${i}`,
          action: i % 3 === 0 ? ('cancel' as const) : ('refund' as const),
          at: NOW - DAY + i * MINUTE,
          ...(i % 3 !== 0 && { value: '0.500' }),
        })),
        NOW,
      )
    },
  },
]

it.each(LEDGERS)(
  'gives the bytes on record for $name, after a restart, a rebuild and retention too',
  async ({ name, campaign, from, to, fill }) => {
    const place = await sqlitePlace()
    let store = await place.open()
    try {
      let registry = await openRegistry({ store, now: () => NOW })
      await registry.putCampaign('spring', { ...campaign, invalidTraffic: OFF })
      await fill(store, registry)
      const made = async () => {
        const setUp = registry.campaign('spring')
        if (!setUp) throw new Error('no campaign')
        const statement = await computeStatement({ campaign: setUp, from, to }, { store, closed: registry.closings('spring') })
        expect(checkStatement(statement)).toBeNull()
        return `${JSON.stringify(statement)}\n`
      }
      const bytes = await made()
      const path = join(FOLDER, `${name}.json`)
      if (process.env.TALLYMARK_GOLDEN === 'write') {
        mkdirSync(FOLDER, { recursive: true })
        writeFileSync(path, bytes)
      }
      expect(bytes).toBe(readFileSync(path, 'utf8'))
      await store.close()
      store = await place.open()
      registry = await openRegistry({ store, now: () => NOW })
      expect(await made()).toBe(bytes)
      await store.rebuild()
      expect(await made()).toBe(bytes)
      await applyRetention({ store, registry, days: 91, now: NOW + 300 * DAY })
      expect(await made()).toBe(bytes)
    } finally {
      await store.close()
      await place.destroy()
    }
  },
)
