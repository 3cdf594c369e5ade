import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exhaustion } from '../../collector/money/exhaustion.ts'

const minor = fc.bigInt({ min: 0n, max: 10_000_000n })

/** A generator of numbers from 0 to 1 that is the same for the same seed. Source: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('the projected exhaustion of a budget', () => {
  it('is exact where every day is the same', () => {
    expect(exhaustion({ left: 70_000n, daily: Array(14).fill(10_000n) })).toEqual({ days: 7, earliest: 7, latest: 7 })
  })

  it('looks back on 14 days and no further', () => {
    const daily = [9_999_999n, 0n, ...Array<bigint>(14).fill(500n)]
    expect(exhaustion({ left: 1_000n, daily })).toEqual({ days: 2, earliest: 2, latest: 2 })
  })

  it('is as worked out by hand', () => {
    // m = 200, s² = 10 000, t(2) = 4.303, n = 3: 200 N ± 430.3 √(N + N²/3) = 1 000
    const found = exhaustion({ left: 1_000n, daily: [100n, 200n, 300n] })
    expect(found?.days).toBe(5)
    for (const days of [found?.earliest ?? 0]) expect(200 * days + 430.3 * Math.sqrt(days + days ** 2 / 3)).toBeCloseTo(1_000, 6)
    expect(found?.latest).toBe(null) // 200 < 430.3 / √3: it may take for ever
    const calm = exhaustion({ left: 1_000n, daily: [190n, 200n, 210n] })
    const latest = calm?.latest ?? 0
    expect(200 * latest - 43.03 * Math.sqrt(latest + latest ** 2 / 3)).toBeCloseTo(1_000, 6)
  })

  it.each([
    ['nothing was owed', [0n, 0n, 0n, 0n]],
    ['refunds outweigh what was owed', [100n, -200n, 50n]],
    ['there are only two full days', [100n, 100n]],
    ['there is none', []],
  ])('is unknown where %s', (_why, daily) => {
    expect(exhaustion({ left: 1_000n, daily })).toBe(null)
  })

  it('lies within its bounds, and comes later with more left', () => {
    fc.assert(
      fc.property(fc.array(minor, { minLength: 3, maxLength: 20 }), minor, minor, (daily, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        const [near, far] = [exhaustion({ left: less, daily }), exhaustion({ left: more, daily })]
        if (!near || !far) return daily.slice(-14).every((one) => one === 0n)
        const slack = 1e-9 * (1 + far.days)
        expect(near.earliest).toBeLessThanOrEqual(near.days + slack)
        if (near.latest !== null) expect(near.latest).toBeGreaterThanOrEqual(near.days - slack)
        expect([near.days, near.earliest].every((one, i) => one <= ([far.days, far.earliest][i] ?? 0) + slack)).toBe(true)
        return true
      }),
    )
  })

  it('holds the true day 95 times in a hundred', () => {
    const random = numbers(7)
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    const day = () => BigInt(Math.round(Math.max(0, 10_000 + 2_500 * normal())))
    let [held, runs] = [0, 0]
    for (; runs < 4_000; runs++) {
      const found = exhaustion({ left: 100_000n, daily: Array.from({ length: 14 }, day) })
      let [days, rest] = [0, 100_000]
      for (;;) {
        const next = Number(day())
        if (next >= rest) break
        rest -= next
        days += 1
      }
      // Within the day that uses it up.
      if (found && found.earliest <= days + 1 && days <= (found.latest ?? Number.POSITIVE_INFINITY)) held += 1
    }
    expect(held / runs).toBeGreaterThan(0.94)
    expect(held / runs).toBeLessThan(0.985)
  })
})
