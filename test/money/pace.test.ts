import fc from 'fast-check'
import { expect, it } from 'vitest'
import { limitMinor, pace } from '../../collector/money/pace.ts'

const minor = fc.bigInt({ min: 0n, max: 10n ** 13n })

it('tells what is left, what is used, and what even pace would have used', () => {
  const even = { from: 1_000, to: 5_000 }
  expect(pace({ limit: 10_000n, owed: 2_345n, even, at: 2_000, daily: [] })).toEqual({
    limit: 10_000n,
    owed: 2_345n,
    left: 7_655n,
    used: 0.2345,
    expected: 2_500n,
    expectedShare: 0.25,
    exhaustion: null,
  })
})

it('expects nothing where there is no span to be even over', () => {
  expect(pace({ limit: 100n, owed: 0n, even: null, at: 0, daily: [] })).toMatchObject({ expected: null, expectedShare: null })
  expect(pace({ limit: 100n, owed: 0n, even: { from: 5, to: 5 }, at: 5, daily: [] })).toMatchObject({ expected: null })
})

it('has no share of a budget of nothing, and nothing left of one that was lowered', () => {
  expect(pace({ limit: 0n, owed: 0n, even: null, at: 0, daily: [] })).toMatchObject({ used: null, left: 0n })
  expect(pace({ limit: 100n, owed: 150n, even: null, at: 0, daily: [10n, 10n, 10n] })).toMatchObject({
    used: 1.5,
    left: 0n,
    exhaustion: null,
  })
})

it('never says that all is used while a unit is left, nor expects more than the limit', () => {
  fc.assert(
    fc.property(minor, minor, fc.nat(9_999), (limit, owed, at) => {
      const found = pace({ limit, owed, even: { from: 100, to: 9_000 }, at, daily: [] })
      expect(found.left).toBe(owed < limit ? limit - owed : 0n)
      if (found.left > 0n) expect(found.used).toBeLessThan(1)
      expect((found.expected ?? 0n) >= 0n && (found.expected ?? 0n) <= limit).toBe(true)
    }),
  )
})

it.each([
  ['100.00', 'NOK', 10_000n],
  ['100.009', 'NOK', 10_000n],
  ['100', 'JPY', 100n],
  ['1.2345', 'KWD', 1_234n],
])('reads a budget of %s %s as %s minor units', (agreed, currency, expected) => {
  expect(limitMinor(agreed, currency)).toBe(expected)
})
