import { describe, expect, it } from 'vitest'
import { type Bill, type Bound, type Counted, NOTHING, openBill, roundHalfEven } from '../../collector/money/bill.ts'
import { scaled, type Terms, termsAt } from '../../collector/money/terms.ts'

const PART = 1_000_000_000n

function termsOf(pays: Terms['pays'], change: Partial<Terms> = {}): Terms {
  return {
    version: 1,
    from: 0,
    pays,
    budget: { total: null, monthly: null, daily: null },
    windows: { clickDays: 30, viewDays: 1 },
    validationDays: 0,
    evidence: 'browser',
    status: 'active',
    ...change,
  }
}

/** What is owed for cells, by default all there is. */
const due = (bill: Bill, terms: Terms | undefined, cells: Counted[], whole = cells[0] ?? NOTHING) =>
  bill.price(terms, cells, whole).map(({ dueMinor }) => dueMinor)

const owed = (terms: Terms, counted: Partial<Counted>, currency = 'NOK') => {
  const whole = { ...NOTHING, ...counted }
  return due(openBill(currency), terms, [whole])[0]
}

describe('bill', () => {
  it('rounds half to the even unit', () => {
    const halves = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => (n * PART) / 2n)
    expect(halves.map(roundHalfEven)).toEqual([0n, 0n, 1n, 2n, 2n, 2n, 3n, 4n])
    expect(roundHalfEven(PART / 2n + 1n)).toBe(1n)
  })

  it.each([
    ['1,234,567 impressions at 37.50 CPM', [{ model: 'cpm', rate: '37.50' }], { impressions: 1_234_567 }, 4_629_626n],
    ['3 clicks at 2.00', [{ model: 'cpc', rate: '2.00' }], { clicks: 3 }, 600n],
    ['2 leads at 25', [{ model: 'cpl', rate: '25' }], { signups: 2 }, 5_000n],
    ['10 % of 499.00', [{ model: 'cps', share: '0.10' }], { purchases: 1, revenueMinor: 49_900n }, 4_990n],
    ['a flat 40.00 for each sale', [{ model: 'cps', rate: '40.00' }], { purchases: 3 }, 12_000n],
    [
      'flat and share together',
      [
        { model: 'cps', rate: '1.00' },
        { model: 'cps', share: '0.05' },
      ],
      { purchases: 2, revenueMinor: 1_000n },
      250n,
    ],
    ['viewable impressions', [{ model: 'vcpm', rate: '50.00' }], { impressions: 2_000, viewable: 1_000 }, 5_000n],
    ['a rate below the minor unit', [{ model: 'cpc', rate: '0.0025' }], { clicks: 1_000 }, 250n],
    [
      'several models',
      [
        { model: 'cpm', rate: '10.00' },
        { model: 'cpc', rate: '1.00' },
      ],
      { impressions: 1_000, clicks: 5 },
      1_500n,
    ],
  ] as const)('owes for %s', (_name, pays, counted, amount) => {
    expect(owed(termsOf([...pays] as Terms['pays']), counted)).toBe(amount)
  })

  it('owes in the minor units that a currency has', () => {
    expect(owed(termsOf([{ model: 'cpc', rate: '3' }]), { clicks: 2 }, 'JPY')).toBe(6n)
    expect(owed(termsOf([{ model: 'cpc', rate: '1.5' }]), { clicks: 2 }, 'KWD')).toBe(3_000n)
  })

  it('owes nothing while paused and before the first terms', () => {
    const counted = { ...NOTHING, clicks: 5 }
    expect(owed(termsOf([{ model: 'cpc', rate: '1' }], { status: 'paused' }), { clicks: 5 })).toBe(0n)
    expect(due(openBill('NOK'), undefined, [counted])).toEqual([0n])
  })

  it('gives parts that add up to the whole, whatever it is cut into', () => {
    const terms = termsOf([{ model: 'cpm', rate: '37.55' }])
    const days = openBill('NOK')
    const perDay = Array.from({ length: 97 }, (_, n) => ({ ...NOTHING, impressions: 13 + n }))
    const parts = perDay.map((day) => due(days, terms, [day])[0] ?? 0n)
    const impressions = perDay.reduce((sum, day) => sum + day.impressions, 0)
    expect(parts.reduce((a, b) => a + b)).toBe(owed(terms, { impressions }))
    const cells = due(openBill('NOK'), terms, perDay, { ...NOTHING, impressions })
    expect(cells.reduce((a, b) => a + b)).toBe(owed(terms, { impressions }))
  })

  it('goes on with the running total where only some cells are asked for', () => {
    const terms = termsOf([{ model: 'cpm', rate: '1.50' }])
    const one = { ...NOTHING, impressions: 1 }
    const three = { ...NOTHING, impressions: 3 }
    const bill = openBill('NOK')
    // 3 x 0.15 øre = 0.45, then 6 x 0.15 = 0.90: the second span tips the running total over.
    expect(due(bill, terms, [one], three)).toEqual([0n])
    expect(due(bill, terms, [three])).toEqual([1n])
  })
})

describe('tiers', () => {
  const rate = termsOf([
    {
      model: 'cpl',
      rate: '10',
      tiers: [
        { from: 101, rate: '12' },
        { from: 151, rate: '15' },
      ],
    },
  ])
  const share = termsOf([{ model: 'cps', share: '0.10', tiers: [{ from: 3, share: '0.20' }] }])

  it('pay another rate from a number of results on', () => {
    expect(owed(rate, { signups: 100 })).toBe(100_000n)
    expect(owed(rate, { signups: 101 })).toBe(101_200n)
    expect(owed(rate, { signups: 200 })).toBe(100_000n + 50n * 1_200n + 50n * 1_500n)
    const bill = openBill('NOK')
    const parts = Array.from({ length: 200 }, () => due(bill, rate, [{ ...NOTHING, signups: 1 }])[0] ?? 0n)
    expect([parts[99], parts[100], parts[149], parts[150]]).toEqual([1_000n, 1_200n, 1_200n, 1_500n])
  })

  it('pay another share, of the value of each sale', () => {
    const bill = openBill('NOK')
    const sale = (revenueMinor: bigint, purchases = 1) => due(bill, share, [{ ...NOTHING, purchases, revenueMinor }])[0]
    expect([sale(10_000n), sale(5_000n), sale(10_000n), sale(1_000n)]).toEqual([1_000n, 500n, 2_000n, 200n])
  })

  it('divide the value of sales of one moment by their number', () => {
    expect(owed(share, { purchases: 4, revenueMinor: 40_000n })).toBe(2_000n + 4_000n)
  })
})

describe('bounds', () => {
  const terms = termsOf([
    { model: 'cpc', rate: '1' },
    { model: 'cpl', rate: '10' },
  ])
  const one = { ...NOTHING, clicks: 3, signups: 2 }

  it('leave over what neither money nor numbers allow', () => {
    const price = (bound: Bound) => openBill('NOK').price(terms, [one, one], { ...NOTHING, clicks: 6, signups: 4 }, bound)
    expect(price({ limit: 3_000n })).toEqual([
      { dueMinor: 2_300n, unbilledMinor: 0n },
      { dueMinor: 700n, unbilledMinor: 1_600n },
    ])
    expect(price({ paid: { cpl: 3, cpc: 0 } })).toEqual([
      { dueMinor: 2_000n, unbilledMinor: 300n },
      { dueMinor: 1_000n, unbilledMinor: 1_300n },
    ])
    expect(price({ paid: { cpl: 3, cpc: 0 }, limit: 2_500n }).map(({ dueMinor }) => dueMinor)).toEqual([2_000n, 500n])
  })

  it('tell by model how many results are not owed', () => {
    expect(openBill('NOK').byModel(terms, one, { paid: { cpl: 1 }, limit: 1_100n })).toEqual([
      { model: 'cpc', results: 3, unbilled: 0, dueMinor: 300n, unbilledMinor: 0n },
      { model: 'cpl', results: 2, unbilled: 1, dueMinor: 800n, unbilledMinor: 1_200n },
    ])
  })
})

describe('terms', () => {
  const version = (n: number, from: number) => termsOf([], { version: n, from })

  it('are those in force at an instant, the later posted of two from the same one', () => {
    const versions = [version(1, 100), version(2, 300), version(3, 200), version(4, 300)]
    const at = (instant: number) => termsAt(versions, instant)?.version
    expect([at(99), at(100), at(199), at(200), at(299), at(300), at(1e15)]).toEqual([undefined, 1, 1, 3, 3, 4, 4])
  })

  it('scale decimals exactly', () => {
    expect(scaled('37.50', 8)).toBe(3_750_000_000n)
    expect(scaled('0.1000000', 6)).toBe(100_000n)
    expect(() => scaled('0.0000001', 6)).toThrow(RangeError)
  })
})
