import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportLedger } from '../../collector/cli/exportLedger.ts'
import { importLedger } from '../../collector/cli/importLedger.ts'
import type { LedgerEvent, LedgerRow, Store } from '../../collector/store/store.ts'
import { idNumber, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { runCommand } from './direct.ts'

const word = fc.constantFrom('a', 'b')
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const defined = <T extends object>(object: T) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** A report: of few events and few orders, so that most enrich, contradict or supersede another. An event keeps its order. */
const report = fc.record({
  n: fc.integer({ min: 1, max: 6 }),
  type: fc.constantFrom('impression' as const, 'signup' as const, 'purchase' as const),
  campaign: fc.constantFrom('', 'spring', 'autumn'),
  minutes: fc.integer({ min: 0, max: 90 }),
  verdict: fc.constantFrom('counted' as const, 'counted' as const, 'test' as const),
  witness: fc.constantFrom('browser' as const, 'server' as const),
  placement: maybe(word),
  segment: maybe(fc.dictionary(fc.constantFrom('plan', 'audience'), word, { minKeys: 1 })),
  hasOrder: fc.boolean(),
  value: maybe(fc.integer({ min: 0, max: 3 })),
  page: maybe(word),
  ms: maybe(fc.integer({ min: 0, max: 2_000 })),
})

/** The number of a report is its order of arrival. */
const reports = fc.array(report, { minLength: 1, maxLength: 40 }).map((list) =>
  list.map(({ n, type, minutes, placement, segment, hasOrder, value, page, ms, ...rest }, at): LedgerEvent => {
    const isConversion = type !== 'impression'
    const key = type === 'purchase' ? 'orderId' : 'leadId'
    return {
      ...rest,
      type,
      id: idNumber(n),
      site: 'shop',
      occurredAt: NOON + minutes * 60_000,
      receivedAt: NOON + 6_000_000 + at,
      viewable: type === 'impression' && (ms ?? 0) >= 1_000,
      tags: defined({ placement, segment }),
      evidence: defined({
        page,
        [key]: isConversion && hasOrder ? `key-${n % 3}` : undefined,
        view: type === 'impression' && ms !== undefined ? { ratio: 1, ms, area: 100 } : undefined,
      }),
      ...(type === 'purchase' && value !== undefined && { valueMinor: value * 100, currency: 'NOK' }),
    }
  }),
)

/** The state of each event now, by id. */
async function currentStates(store: Store): Promise<Map<string, Omit<LedgerRow, 'seq' | 'replaces'>>> {
  const states = new Map<string, Omit<LedgerRow, 'seq' | 'replaces'>>()
  for (const { seq, replaces, ...state } of await store.ledger({ afterSeq: 0, limit: 10_000 })) states.set(state.id, state)
  return states
}

async function allTotals(store: Store) {
  const edges = [0, NOON + 17, NOON + 900_000, 2 * NOON]
  const dimensions = [[], ['placement'], ['segment.plan'], ['witness'], ['verdict']] as const
  // The order of rows is nobody's promise.
  const ask = async (campaign: string, one: (typeof dimensions)[number]) =>
    (await store.totals({ campaign, edges, dimensions: [...one] })).map((row) => Object.values(row).join(' ')).sort()
  return Promise.all(['', 'spring', 'autumn'].flatMap((campaign) => dimensions.map((one) => ask(campaign, one))))
}

async function roundTrip(list: LedgerEvent[], check: (stores: { source: Store; target: Store }) => Promise<void>): Promise<void> {
  const places = [await sqlitePlace(), await sqlitePlace()]
  const [source, target] = await Promise.all(places.map((place) => place.open()))
  if (!source || !target) throw new Error('no stores')
  try {
    for (const one of list) await source.append([one])
    const { stdout } = await runCommand(exportLedger, { store: source })
    await runCommand(importLedger, { store: target, args: ['-'], stdin: stdout })
    await check({ source, target })
    const once = await target.ledgerEnd()
    await runCommand(importLedger, { store: target, args: ['-'], stdin: stdout })
    expect(await target.ledgerEnd(), 'rows that a second import adds').toBe(once)
    await check({ source, target })
  } finally {
    await source.close()
    await target.close()
    for (const place of places) await place.destroy()
  }
}

describe('export and import', () => {
  it('give an empty store the same totals and the same states, and change nothing the second time', async () => {
    await fc.assert(
      fc.asyncProperty(reports, (list) =>
        roundTrip(list, async ({ source, target }) => {
          expect(await allTotals(target)).toEqual(await allTotals(source))
          expect(await currentStates(target)).toEqual(await currentStates(source))
          expect(await target.verify()).toEqual([])
        }),
      ),
      { numRuns: 150 },
    )
  })
})
