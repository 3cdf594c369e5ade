import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CollectorApp, collectorApp } from '../../collector/app.ts'
import { loadAssets } from '../../collector/assets.ts'
import { hashToken } from '../../collector/auth.ts'
import { newId } from '../../collector/newId.ts'
import { openRegistry } from '../../collector/registry.ts'
import { applyRetention } from '../../collector/retention.ts'
import type { Store } from '../../collector/store/store.ts'
import { BROWSER, TOKEN } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DAY = 86_400_000
const CAMPAIGNS = ['spring', 'autumn']
const assets = loadAssets(resolve(import.meta.dirname, '../..'))

/** What a page may say of event number `n`. Its type and order follow from the number, so that the same id is the same event. */
interface Said {
  n: number
  campaign: string
  placement: string | undefined
  value: number
  lag: number
  test: boolean
}

const typeOf = (n: number) => (['impression', 'click', 'signup', 'purchase', 'purchase'] as const)[n % 5] ?? 'impression'
/** Two events in ten report the same order, as a page and its reload with a new id do. */
const orderOf = (n: number) => `A-${Math.floor(n / 10)}-${n % 5}`

interface Known {
  type: ReturnType<typeof typeOf>
  campaign: string
  placement: string | undefined
  occurredAt: number
  verdict: 'counted' | 'test'
  value: number
  /** Its details are no longer in the ledger. */
  isGone?: true
}

/** The collector as one would write it for a handful of events: no database, no totals, no groups. */
class Model {
  now = NOON
  events = new Map<string, Known>()
  orders = new Map<string, string>()
  received = 0
  duplicates = 0
  tooOld = 0

  take({ n, campaign, placement, value, lag, test }: Said): void {
    this.received += 1
    if (lag > 7 * DAY) {
      this.tooOld += 1
      return
    }
    const id = idNumber(n)
    const type = typeOf(n)
    const occurredAt = this.now - lag
    const verdict = test ? 'test' : 'counted'
    const order = type === 'purchase' && verdict === 'counted' ? orderOf(n) : undefined
    const known = this.events.get(id) ?? this.events.get(this.orders.get(order ?? '') ?? '')
    if (known) {
      this.duplicates += 1
      if (!known.isGone) known.placement ??= placement
      return
    }
    this.events.set(id, { type, campaign, placement, occurredAt, verdict, value })
    if (order !== undefined) this.orders.set(order, id)
  }

  /** Counted events of a campaign, by type and placement. */
  counts(campaign: string): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const event of this.events.values()) {
      if (event.campaign !== campaign || event.verdict !== 'counted') continue
      const key = `${event.type} ${event.placement ?? null}`
      counts[key] = (counts[key] ?? 0) + 1
      if (event.type === 'purchase') counts.value = (counts.value ?? 0) + event.value
    }
    return counts
  }

  /** All that is known is old; the last row of the ledger stays. */
  prune(last: string | undefined): void {
    for (const [id, event] of this.events) if (id !== last) event.isGone = true
  }

  verdicts(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { verdict } of this.events.values()) counts[verdict] = (counts[verdict] ?? 0) + 1
    return counts
  }
}

/** The real collector on a real file. */
class Real {
  place!: Awaited<ReturnType<typeof sqlitePlace>>
  store!: Store
  built!: CollectorApp
  abandoned: Store[] = []
  now = NOON

  async start(): Promise<void> {
    this.place ??= await sqlitePlace()
    this.store = await this.place.open()
    const now = () => this.now
    const registry = await openRegistry({ store: this.store, now })
    await registry.putSite('shop', { origins: [], allow: [] })
    const invalidTraffic = { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null } // limits have tests of their own
    for (const id of CAMPAIGNS) await registry.putCampaign(id, { currency: 'NOK', timeZone: 'Europe/Oslo', invalidTraffic })
    const options = {
      isTrustedProxy: () => false,
      ratePerSource: 0,
      ratePerSite: 0,
      demo: false,
      now,
      newId,
      log: () => {},
      closing: new AbortController().signal,
    }
    this.built = await collectorApp({ store: this.store, registry, assets, adminTokenHash: hashToken(TOKEN), ...options })
  }
  /** Leaves everything as a crash does: nothing is closed or flushed, and another process takes over the file. */
  async crash(): Promise<void> {
    this.abandoned.push(this.store)
    await this.start()
  }
  async send(said: Said[]): Promise<void> {
    const events = said.map(({ n, campaign, placement, value, lag, test }) => {
      const type = typeOf(n)
      const sale = type === 'purchase' && { orderId: orderOf(n), value: (value / 100).toFixed(2), currency: 'NOK' }
      return { id: idNumber(n), type, occurredAt: this.now - lag, campaign, placement, test, ...sale }
    })
    const body = JSON.stringify({ site: 'shop', sentAt: this.now, events })
    const response = await this.built.app.request('/v1/events', { method: 'POST', headers: { 'user-agent': BROWSER }, body })
    expect([202, 422]).toContain(response.status)
  }
  async counts(campaign: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    const edges = [0, this.now - 3 * DAY - 7, this.now + 1]
    const whole = await this.store.totals({ campaign, edges, dimensions: [] })
    const split = await this.store.totals({ campaign, edges, dimensions: ['placement'] })
    for (const { type, count, valueMinor } of whole) {
      counts[`${type} null`] = (counts[`${type} null`] ?? 0) + count
      if (type === 'purchase') counts.value = (counts.value ?? 0) + Number(valueMinor)
    }
    for (const { type, values, count } of split) {
      counts[`${type} ${values[0]}`] = (counts[`${type} ${values[0]}`] ?? 0) + count
      counts[`${type} null`] = (counts[`${type} null`] ?? 0) - count
    }
    for (const [key, count] of Object.entries(counts)) if (count === 0 && key !== 'value') delete counts[key]
    return counts
  }
  async end(): Promise<void> {
    for (const store of [...this.abandoned, this.store]) await store.close()
    await this.place.destroy()
  }
}

/** After every step, everything that can be asked says the same on both sides. */
async function agree(model: Model, real: Real): Promise<void> {
  for (const campaign of CAMPAIGNS) expect(await real.counts(campaign)).toEqual(model.counts(campaign))
  const { counted = 0, ...notCounted } = model.verdicts()
  expect(await real.store.counters()).toEqual({
    received: model.received,
    counted,
    notCounted,
    duplicates: model.duplicates,
    failed: model.tooOld > 0 ? { too_old: model.tooOld } : {},
  })
  expect(await real.store.verify()).toEqual([])
}

type Command = fc.AsyncCommand<Model, Real>

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real)
      await agree(model, real)
    },
    toString: () => name,
  }
}

const said: fc.Arbitrary<Said> = fc.record({
  n: fc.nat(39), // few, so that ids and orders come again and again, also with other content
  campaign: fc.constantFrom(...CAMPAIGNS),
  placement: fc.option(fc.constantFrom('top', 'side'), { nil: undefined }),
  value: fc.nat(100_000),
  lag: fc.oneof({ weight: 4, arbitrary: fc.nat(60_000) }, { weight: 1, arbitrary: fc.nat(8 * DAY) }),
  test: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
})

const batches = fc.array(said, { minLength: 1, maxLength: 12 }).map((batch) =>
  command(`send ${JSON.stringify(batch)}`, async (model, real) => {
    await real.send(batch)
    for (const one of batch) model.take(one)
  }),
)
const clock = fc.constantFrom(1_000, 31_000, 3 * DAY).map((ms) =>
  command(`clock +${ms}`, async (model, real) => {
    real.now += ms
    model.now += ms
  }),
)
const retention = fc.constant(
  command('100 days later, retention', async (model, real) => {
    real.now += 100 * DAY
    model.now += 100 * DAY
    const end = await real.store.ledgerEnd()
    const [last] = await real.store.ledger({ afterSeq: end - 1, limit: 1 })
    await applyRetention({ store: real.store, registry: real.built.collector.registry, days: 91, now: real.now })
    model.prune(last?.id)
    expect((await real.store.ledger({ afterSeq: 0, limit: 1_000 })).every(({ id }) => id === last?.id)).toBe(true)
  }),
)
const restart = fc.constant(
  command('restart', async (_model, real) => {
    await real.store.close()
    await real.start()
  }),
)
const crash = fc.constant(command('crash', (_model, real) => real.crash()))
const rebuild = fc.constant(command('rebuild', (_model, real) => real.store.rebuild()))

describe('the collector', () => {
  it('is what its model is, after every step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands([batches, batches, batches, clock, retention, restart, crash, rebuild], { maxCommands: 15 }),
        async (commands) => {
          const real = new Real()
          await real.start()
          try {
            await fc.asyncModelRun(() => ({ model: new Model(), real }), commands)
          } finally {
            await real.end()
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})
