import fc from 'fast-check'
import { expect, it } from 'vitest'
import { clickHistory } from '../../collector/ingest/clickHistory.ts'
import { receive } from '../../collector/ingest/receive.ts'
import { receiveConversions } from '../../collector/ingest/receiveConversions.ts'
import { visitorKeys } from '../../collector/ingest/visitorKey.ts'
import { openRegistry, type Registry } from '../../collector/registry.ts'
import { computeStatement } from '../../collector/results/computeStatement.ts'
import { LIMITS, parseBatch } from '../../sdk/wire.ts'
import { BROWSER } from '../support/collector.ts'
import { idNumber } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { type OracleCorrection, type OracleReport, type OracleTerms, oracle } from './oracle.ts'

/** Random campaigns in all, and in one store. */
const CAMPAIGNS = Number(process.env.TALLYMARK_CAMPAIGNS ?? 1_000)
const PER_STORE = 250

const MINUTE = 60_000
const DAY = 86_400_000
/** Over the end of a month and of a year's summer time, in Europe and in America. */
const FIRST = Date.UTC(2026, 9, 23)
const LAST = Date.UTC(2026, 10, 4)
const END = LAST + 12 * DAY
const ZONES = ['UTC', 'Europe/Oslo', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Los_Angeles']

const decimal = (max: number, decimals = 2) => fc.integer({ min: 1, max }).map((n) => (n / 10 ** decimals).toFixed(decimals))
const steps = (price: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.record({ from: fc.integer({ min: 2, max: 8 }), price }), { maxLength: 2, selector: ({ from }) => from })
interface Way {
  model: string
  isShare: boolean
  price: string
  tiers: { from: number; price: string }[]
}
const way = (model: string, price: fc.Arbitrary<string>, isShare = false): fc.Arbitrary<Way | null> =>
  fc.option(
    fc.record({
      model: fc.constant(model),
      isShare: fc.constant(isShare),
      price,
      tiers: fc.oneof(
        fc.constant<Way['tiers']>([]),
        steps(price).map((list) => list.sort((a, b) => a.from - b.from)),
      ),
    }),
    { nil: null },
  )
const budget = fc.record({
  total: fc.option(decimal(60_000), { nil: null }),
  monthly: fc.option(decimal(60_000), { nil: null }),
  daily: fc.option(decimal(20_000), { nil: null }),
})
const number = fc.option(fc.nat(6), { nil: null })
const terms = fc.record({
  from: fc.integer({ min: FIRST, max: LAST }),
  isPaused: fc.integer({ min: 0, max: 6 }).map((n) => n === 0),
  ways: fc.tuple(
    way('cpm', decimal(90_000)),
    way('vcpm', decimal(90_000, 3)),
    way('cpc', decimal(9_000, 4)),
    way('cpl', decimal(4_000)),
    way('cps', decimal(9_000)),
    way('cps', decimal(400, 3), true),
  ),
  money: fc.oneof(fc.constant({ total: null, monthly: null, daily: null }), budget),
  results: fc
    .subarray(['cpm', 'cpc', 'cps'], { maxLength: 2 })
    .chain((models) =>
      fc.tuple(...models.map((model) => fc.record({ model: fc.constant(model), total: number, monthly: number, daily: number }))),
    ),
  validationDays: fc.constantFrom(0, 0, 0, 5, 14),
  needsServer: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
})
const report = fc.record({
  type: fc.constantFrom(
    'impression' as const,
    'impression' as const,
    'click' as const,
    'signup' as const,
    'purchase' as const,
    'purchase' as const,
  ),
  /** Two reports of one order are one result. */
  order: fc.nat(9),
  by: fc.constantFrom('browser' as const, 'browser' as const, 'server' as const),
  at: fc.integer({ min: FIRST, max: LAST }),
  lag: fc.oneof(fc.integer({ min: 0, max: 5 * MINUTE }), fc.integer({ min: 0, max: 6 * DAY })),
  value: fc.integer({ min: 0, max: 60_000 }),
  isViewable: fc.boolean(),
  isBot: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  isTwice: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
})
const correction = fc.record({
  order: fc.nat(9),
  isLead: fc.boolean(),
  action: fc.constantFrom(
    'refund' as const,
    'refund' as const,
    'cancel' as const,
    'restate' as const,
    'approve' as const,
    'reject' as const,
  ),
  value: fc.option(fc.integer({ min: 1, max: 40_000 }), { nil: null }),
})
type Version = typeof terms extends fc.Arbitrary<infer Value> ? Value : never
const campaign = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  terms: fc.array(terms, { minLength: 1, maxLength: 4 }),
  reports: fc.array(report, { maxLength: 24 }),
  corrections: fc.array(correction, { maxLength: 5 }),
})
type Campaign = typeof campaign extends fc.Arbitrary<infer Value> ? Value : never

/** Decimals in millionths of a minor unit (rates), or millionths (shares). */
const micros = (text: string, isShare: boolean) => BigInt(Math.round(Number(text) * (isShare ? 1e6 : 1e8)))
const minor = (text: string | null) => (text === null ? null : BigInt(Math.round(Number(text) * 100)))

function oracleTerms({ from, isPaused, ways, money, results, validationDays, needsServer }: Version): OracleTerms {
  return {
    from,
    isPaused,
    pays: ways.flatMap((one) => {
      if (!one) return []
      const { model, isShare, price, tiers } = one
      const steps = [{ from: 1, price }, ...tiers].map((step) => ({ from: step.from, micros: micros(step.price, isShare) }))
      return [{ model, isShare, steps }]
    }),
    money: { total: minor(money.total), monthly: minor(money.monthly), daily: minor(money.daily) },
    results,
    validationDays,
    needsServer,
  }
}

function termsBody({ from, isPaused, ways, money, results, validationDays, needsServer }: Version) {
  const priced = (price: string, isShare: boolean) => (isShare ? { share: price } : { rate: price })
  return {
    from: new Date(from).toISOString(),
    pays: ways.flatMap((one) =>
      one
        ? [
            {
              model: one.model as 'cpm',
              ...priced(one.price, one.isShare),
              tiers: one.tiers.map((tier) => ({ from: tier.from, ...priced(tier.price, one.isShare) })),
            },
          ]
        : [],
    ),
    budget: { ...money, results: results as { model: 'cpm'; total: null; monthly: null; daily: null }[] },
    windows: { clickDays: 30, viewDays: 1 },
    validationDays,
    evidence: needsServer ? ('server' as const) : ('browser' as const),
    status: isPaused ? ('paused' as const) : ('active' as const),
  }
}

/** As they come: each at its own millisecond, some twice. */
function reportsOf(id: string, n: number, list: Campaign['reports']): OracleReport[] {
  const reports = list.flatMap(({ type, order, by, at, lag, value, isViewable, isBot, isTwice }, i): OracleReport[] => {
    const isConversion = type === 'signup' || type === 'purchase'
    const occurredAt = at + i
    const one: OracleReport = {
      id: idNumber(n * 1_000 + i, occurredAt),
      type,
      ...(isConversion && { order: `${id}-${type}-${order}` }),
      by: isConversion ? by : 'browser',
      occurredAt,
      receivedAt: occurredAt + lag,
      valueMinor: type === 'purchase' ? BigInt(value) : 0n,
      isViewable: type === 'impression' && isViewable,
      isBot: isBot && (by === 'browser' || !isConversion),
    }
    return isTwice ? [one, { ...one, receivedAt: one.receivedAt + MINUTE }] : [one]
  })
  return reports.sort((a, b) => a.receivedAt - b.receivedAt)
}

/** One report over the way that any takes: wire format, parser, verdict, ledger. */
async function send(one: OracleReport, { campaign: name, ingest }: { campaign: string; ingest: Parameters<typeof receive>[1]['ingest'] }) {
  const { id, type, order, by, occurredAt, receivedAt, valueMinor, isViewable, isBot } = one
  const event = {
    id,
    type,
    occurredAt,
    campaign: name,
    ...(type === 'purchase' && { orderId: order, value: (Number(valueMinor) / 100).toFixed(2), currency: 'NOK' }),
    ...(type === 'signup' && { leadId: order }),
    ...(isViewable && { view: { ratio: 1, ms: 1_000, area: 1_000 } }),
    ...(isBot && { test: true }),
  }
  const batch = parseBatch(
    { site: 'shop', sentAt: receivedAt, events: [event] },
    { bodyBytes: 500, maxEvents: by === 'server' ? LIMITS.eventsFromServer : LIMITS.eventsFromBrowser },
  )
  if (by === 'server') return receiveConversions(batch, { now: receivedAt, ingest, validateOnly: false })
  const sender = { origin: undefined, userAgent: BROWSER, source: '', isPrefetch: false }
  return receive(batch, { sender, now: receivedAt, ingest })
}

async function runStore(campaigns: [number, Campaign][]): Promise<number> {
  const place = await sqlitePlace()
  const store = await place.open()
  try {
    let now = FIRST - DAY
    const registry: Registry = await openRegistry({ store, now: () => now })
    await registry.putSite('shop', { name: 'Shop', origins: [], allow: ['localhost'] })
    const ingest = { store, registry, clicks: clickHistory(), visitorKey: visitorKeys(store) }
    for (const [n, { timeZone, terms: versions }] of campaigns) {
      const invalidTraffic = { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null }
      await registry.putCampaign(`c${n}`, { currency: 'NOK', timeZone, invalidTraffic })
      for (const version of versions) await registry.addTerms(`c${n}`, termsBody(version))
    }
    now = END
    const taken = new Map<number, { reports: OracleReport[]; corrections: OracleCorrection[] }>()
    await Promise.all(
      campaigns.map(async ([n, { reports: list, corrections: wanted }]) => {
        const id = `c${n}`
        const reports = reportsOf(id, n, list)
        for (const one of reports) await send(one, { campaign: id, ingest })
        const corrections: OracleCorrection[] = []
        for (const [i, { order: number, isLead, action, value }] of wanted.entries()) {
          const order = `${id}-${isLead ? 'signup' : 'purchase'}-${number}`
          const isValued = !isLead && value !== null && (action === 'refund' || action === 'restate')
          const [result] = await store.adjust(
            [
              {
                site: 'shop',
                order: isLead ? { leadId: order } : { orderId: order },
                id: `${id}-${i}`,
                action,
                at: END,
                ...(isValued && { value: (value / 100).toFixed(2) }),
              },
            ],
            END,
          )
          if (result?.outcome === 'accepted') corrections.push({ order, action, valueMinor: isValued ? BigInt(value) : null })
        }
        taken.set(n, { reports, corrections })
      }),
    )
    while ((await store.mature(END, 500)) === 500);
    let owed = 0
    for (const [n, { timeZone, terms: versions }] of campaigns) {
      const setUp = registry.campaign(`c${n}`)
      const { reports, corrections } = taken.get(n) ?? { reports: [], corrections: [] }
      if (!setUp) throw new Error(`no campaign c${n}`)
      const { lines, unbilledMinor } = await computeStatement(
        { campaign: setUp, from: '2026-10-01', to: '2026-11-30' },
        { store, closed: [] },
      )
      const expected = oracle({ terms: versions.map(oracleTerms), timeZone, reports, corrections }, END)
      const plain = lines.map(({ hash, amountMinor, ...line }) => ({ ...line, amountMinor: BigInt(amountMinor) }))
      expect({ lines: plain, unbilledMinor: BigInt(unbilledMinor) }, `campaign c${n}`).toEqual(expected)
      owed += Number(lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0))
    }
    expect(await store.verify()).toEqual([])
    return owed
  } finally {
    await store.close()
    await place.destroy()
  }
}

it(`owes for ${CAMPAIGNS} random campaigns what an oracle works out event by event`, async () => {
  const seed = Number(process.env.TALLYMARK_SEED ?? Math.floor(Math.random() * 2 ** 31))
  const campaigns = fc.sample(campaign, { numRuns: CAMPAIGNS, seed }).map((one, n): [number, Campaign] => [n, one])
  let owed = 0
  for (let at = 0; at < CAMPAIGNS; at += PER_STORE) {
    try {
      owed += await runStore(campaigns.slice(at, at + PER_STORE))
    } catch (error) {
      throw new Error(`with TALLYMARK_SEED=${seed} TALLYMARK_CAMPAIGNS=${CAMPAIGNS}`, { cause: error })
    }
  }
  expect(owed).toBeGreaterThan(0)
}, 900_000)
