import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convertMinor, divideHalfEven, type Rate } from '../../collector/money/rates.ts'
import { openRegistry, type Registry } from '../../collector/registry.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { spendCsv } from '../../collector/results/csv.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import type { Spend } from '../../collector/spend/readSpend.ts'
import { receiveSpend } from '../../collector/spend/receiveSpend.ts'
import { readSpendFile } from '../../collector/spend/spendFile.ts'
import type { Store } from '../../collector/store/store.ts'
import { ledgerEventOf, NOON } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const DECIMALS: Record<string, number> = { NOK: 2, USD: 2, JPY: 0, KWD: 3 }
const currency = fc.constantFrom(...Object.keys(DECIMALS))
const day = fc.integer({ min: 1, max: 6 }).map((n) => `2026-11-0${n}`)
/** Names that spreadsheets, CSV and objects would trip over. */
const name = fc.constantFrom('spring', 'autumn', '=1+1,"a"', "'=x", "''@", '-', 'a;b\tc', '__proto__', 'Total: all', '--x', 'å\r\nb')

function decimal(minor: number, exponent: number): string {
  const digits = String(minor).padStart(exponent + 1, '0')
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

const spend: fc.Arbitrary<Spend> = fc
  .record(
    {
      source: fc.constantFrom('google', 'facebook', '@home'),
      campaign: name,
      day,
      currency,
      minor: fc.integer({ min: 0, max: 1e8 }),
      clicks: fc.nat(),
      impressions: fc.nat(),
      conversions: fc.integer({ min: 0, max: 999 }).map((n) => n / 100),
    },
    { requiredKeys: ['source', 'campaign', 'day', 'currency', 'minor'] },
  )
  .map(({ minor, ...rest }) => ({ ...rest, amount: decimal(minor, DECIMALS[rest.currency] ?? 2) }))

const rate: fc.Arbitrary<Rate> = fc
  .record({ day, from: currency, to: currency, n: fc.integer({ min: 1, max: 1_000 }), places: fc.nat({ max: 6 }) })
  .filter(({ from, to }) => from !== to)
  .map(({ day, from, to, n, places }) => ({ day, from, to, rate: decimal(n, places) }))

const keyOf = ({ source, campaign, day, currency }: Spend) => [source, campaign, day, currency].join('\u0000')

/** What a list of requests leaves, one row after the other. */
function foldNaively(requests: Spend[][]): { rows: Spend[]; outcomes: string[][] } {
  const kept = new Map<string, Spend>()
  const outcomes = requests.map((request) =>
    request.map((row) => {
      if (request.filter((other) => keyOf(other) === keyOf(row)).length > 1) return 'rejected'
      const before = kept.get(keyOf(row))
      kept.set(keyOf(row), row)
      if (!before) return 'accepted'
      const said = ({ amount, clicks, impressions, conversions }: Spend) => [Number(amount), clicks, impressions, conversions].join()
      return said(before) === said(row) ? 'unchanged' : 'corrected'
    }),
  )
  return { rows: [...kept.values()], outcomes }
}

/** Minor units of `to`, by long division of digits instead of one fraction: null when no rate is given by then. */
function convertNaively(row: Spend, to: string, rates: Rate[]): bigint | null {
  let used: Rate | undefined
  for (const one of rates)
    if (one.from === row.currency && one.to === to && one.day <= row.day && (!used || one.day >= used.day)) used = one
  if (!used) return null
  const minor = BigInt(row.amount.replace('.', ''))
  const parts = (BigInt(used.rate.replace('.', '')) * minor * 10n ** 30n) / 10n ** BigInt(used.rate.split('.')[1]?.length ?? 0)
  // In 10^-30 of a major unit of `to`, exact: there are at most 6 + 3 decimals.
  const major = parts / 10n ** BigInt(DECIMALS[row.currency] ?? 2)
  const unit = 10n ** BigInt(30 - (DECIMALS[to] ?? 2))
  const floor = major / unit
  const rest = major - floor * unit
  if (rest * 2n === unit) return floor + (floor % 2n)
  return rest * 2n > unit ? floor + 1n : floor
}

async function withRegistry(check: (parts: { registry: Registry; store: Store }) => Promise<void>): Promise<void> {
  const place = await sqlitePlace()
  const store = await place.open()
  try {
    await check({ store, registry: await openRegistry({ store, now: () => NOON }) })
  } finally {
    await store.close()
    await place.destroy()
  }
}

const requests = fc.array(fc.array(spend, { minLength: 1, maxLength: 8 }), { maxLength: 5 })
const BYS = ['', 'campaign', 'day', 'source', 'campaign,day', 'day,source', 'campaign,day,source']

describe('spend', () => {
  it('is what the last word on each key says, also to who opens the store again, and as CSV', async () => {
    await fc.assert(
      fc.asyncProperty(requests, (requests) =>
        withRegistry(async ({ registry, store }) => {
          const { rows, outcomes } = foldNaively(requests)
          for (const [i, request] of requests.entries()) {
            const items = request.map((value) => ({ value }))
            expect((await receiveSpend(items, { registry, now: NOON })).outcomes).toEqual(outcomes[i])
          }
          const found = (await openRegistry({ store, now: () => NOON })).spend.rows({})
          const sorted = (list: Spend[]) => list.map((row) => [keyOf(row), row]).sort()
          // An amount that was not changed stays as it was written first.
          expect(sorted(found)).toEqual(sorted(rows))
          if (rows.length === 0) return
          const { items, sums } = readSpendFile(spendCsv(found), {})
          const again = await receiveSpend(items, { registry, now: NOON })
          expect([again.unchanged, again.rejected, sums]).toEqual([rows.length, [], 0])
        }),
      ),
      { numRuns: 100 },
    )
  })

  it('stands beside results with the sums of a naive oracle, converted or not, however it is split', async () => {
    const asked = fc.record({
      by: fc.constantFrom(...BYS),
      currency: fc.option(currency, { nil: undefined }),
      from: fc.constantFrom('2026-11-01', '2026-11-03', '2026-11-05'),
      source: fc.option(fc.constantFrom('google', '@home'), { nil: undefined }),
    })
    const property = fc.asyncProperty(
      requests,
      fc.array(rate, { maxLength: 12 }),
      asked,
      fc.nat({ max: 3 }),
      (requests, rates, asked, seen) =>
        withRegistry(async ({ registry, store }) => {
          for (const request of requests)
            await receiveSpend(
              request.map((value) => ({ value })),
              { registry, now: NOON },
            )
          for (const one of rates) await registry.putRates([one])
          await registry.putCampaign('spring', { currency: 'NOK', timeZone: 'UTC', invalidTraffic: {} as never })
          const events = [{ campaign: 'spring' }, { campaign: 'autumn', tags: { source: 'google' } }, { campaign: '' }].slice(0, seen)
          await store.append(events.map((event, n) => ledgerEventOf({ n, ...event, occurredAt: Date.UTC(2026, 10, 3) })))
          const { by, currency, from, source } = asked
          const parameters = { by, from, to: '2026-11-05', ...(currency && { currency }), ...(source && { source }) }
          const query = parseResultsQuery(parameters, { registry, now: NOON })
          const { rows, totals, conversion } = await computeResults(query, { registry, store, now: NOON })

          const last = new Map<string, Rate>()
          for (const one of rates) last.set(`${one.day} ${one.from} ${one.to}`, one)
          const expected = new Map<string, bigint>()
          const add = (key: unknown[], minor: bigint) =>
            expected.set(JSON.stringify(key), (expected.get(JSON.stringify(key)) ?? 0n) + minor)
          for (const row of foldNaively(requests).rows) {
            if (row.day < from || row.day > '2026-11-05' || (source && row.source !== source)) continue
            const given = BigInt(row.amount.replace('.', ''))
            const converted = currency && currency !== row.currency ? convertNaively(row, currency, [...last.values()]) : null
            const [code, minor] = converted === null ? [row.currency, given] : [currency, converted]
            add([...query.by.map((name) => row[name as 'campaign']), code], minor)
            add(['totals', code], minor)
            if (converted === null && currency && currency !== row.currency)
              expect(conversion?.missing.map((one) => one.from)).toContain(row.currency)
          }
          const found = new Map<string, bigint>()
          const take = (key: unknown[], row: typeof totals) => {
            const main = row.spendMinor == null ? [] : [[row.spendCurrency, row.spendMinor]]
            for (const [code, minor] of [...main, ...Object.entries(row.otherSpendMinor ?? {})]) {
              const id = JSON.stringify([...key, code])
              found.set(id, (found.get(id) ?? 0n) + BigInt(minor ?? 0))
            }
          }
          for (const row of rows)
            take(
              query.by.map((name) => row[name]),
              row,
            )
          take(['totals'], totals)
          expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()))
        }),
    )
    await fc.assert(property, { numRuns: 100 })
  })
})

describe('conversion', () => {
  it.each<[bigint, Omit<Rate, 'day'>, bigint]>([
    [5n, { from: 'USD', to: 'NOK', rate: '10.5' }, 52n], // 52.5
    [15n, { from: 'USD', to: 'NOK', rate: '10.5' }, 158n], // 157.5
    [1_000n, { from: 'USD', to: 'JPY', rate: '156.25' }, 1_562n], // 1562.5
    [1_000n, { from: 'JPY', to: 'KWD', rate: '0.00194' }, 1_940n],
    [1n, { from: 'KWD', to: 'JPY', rate: '500' }, 0n], // 0.5
    [3n, { from: 'KWD', to: 'JPY', rate: '500' }, 2n], // 1.5
    [99_999_999_999n, { from: 'USD', to: 'NOK', rate: '999999999999.999999999999' }, 99_999_999_999_000_000_000_000n],
  ])('makes of %s minor units at %j %s', (minor, rate, expected) => {
    expect(convertMinor(minor, { day: '2026-11-01', ...rate })).toBe(expected)
  })

  it('rounds to the nearest, halves to the even one', () => {
    const n = fc.bigInt({ min: 0n, max: 10n ** 30n })
    fc.assert(
      fc.property(n, fc.bigInt({ min: 1n, max: 10n ** 12n }), (n, d) => {
        const rounded = divideHalfEven(n, d)
        const off = 2n * (n - rounded * d)
        expect(off <= d && -off <= d).toBe(true)
        if (off === d || -off === d) expect(rounded % 2n).toBe(0n)
      }),
    )
  })
})
