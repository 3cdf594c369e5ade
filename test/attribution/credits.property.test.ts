import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apportion } from '../../collector/attribution/apportion.ts'
import { CREDIT_MODELS, type CreditModel, credits, DEFAULT_HALF_LIFE_MS, WHOLE } from '../../collector/attribution/credits.ts'
import { eligibleTouches } from '../../collector/attribution/eligibleTouches.ts'
import { halved, ONE } from '../../collector/attribution/halved.ts'
import { attribute } from '../../collector/ingest/attribute.ts'
import type { Touch } from '../../sdk/wire.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 24, 12)

const WINDOWS: Record<string, { clickDays: number; viewDays: number }> = {
  a: { clickDays: 30, viewDays: 1 },
  b: { clickDays: 7, viewDays: 3 },
  c: { clickDays: 0, viewDays: 0 },
}
const windowsAt = (campaign: string) => WINDOWS[campaign] ?? { clickDays: 30, viewDays: 1 }

const touch = fc.record(
  {
    type: fc.constantFrom('click' as const, 'impression' as const),
    campaign: fc.constantFrom('a', 'b', 'c'),
    // Whole days and the milliseconds beside them: where windows end.
    at: fc.tuple(fc.integer({ min: -1, max: 32 }), fc.integer({ min: -1, max: 1 })).map(([days, ms]) => NOW - days * DAY + ms),
    id: fc.constantFrom('1', '2', '3'),
    source: fc.constantFrom('google', 'paypal.com', 'news'),
    medium: fc.constantFrom('cpc', 'referral'),
  },
  { requiredKeys: ['type', 'campaign', 'at'] },
) as fc.Arbitrary<Touch>
const touches = fc.array(touch, { maxLength: 20 })
const named = fc.constantFrom(undefined, 'a', 'b')
const model = fc.constantFrom(...CREDIT_MODELS)

/** Ages (days) of some touches and their shares by the words of the definition, in floats. */
function naiveShares(times: number[], model: CreditModel, halfLifeMs: number): number[] {
  const n = times.length
  if (model === 'first') return times.map((_, i) => Number(i === 0))
  if (model === 'linear') return times.map(() => 1 / n)
  if (model === 'position') {
    if (n <= 2) return times.map(() => 1 / n)
    return times.map((_, i) => (i === 0 || i === n - 1 ? 0.4 : 0.2 / (n - 2)))
  }
  const weights = times.map((at) => 0.5 ** ((NOW - at) / halfLifeMs))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / all)
}

/** A touch has a claim when each of these is false, one by one as the rules say. */
function naiveEligible(all: Touch[], campaign: string | undefined): Touch[] {
  return all.filter((one) => {
    const isReturn = one.source === 'paypal.com' && one.medium !== 'cpc'
    const isForeign = campaign !== undefined && campaign !== one.campaign
    const { clickDays, viewDays } = windowsAt(one.campaign)
    const days = one.type === 'click' ? clickDays : viewDays
    return !isReturn && !isForeign && one.at <= NOW && one.at >= NOW - days * DAY
  })
}

describe('credits', () => {
  it('add up to exactly one, and follow the definition within a millionth', () => {
    const times = fc
      .array(fc.integer({ min: NOW - 90 * DAY, max: NOW }), { minLength: 1, maxLength: 20 })
      .map((list) => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(times, model, fc.integer({ min: DAY / 4, max: 365 * DAY }), (at, name, halfLifeMs) => {
        const parts = credits(at, { model: name, halfLifeMs })
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(WHOLE)
        naiveShares(at, name, halfLifeMs).forEach((share, i) => {
          expect(Math.abs(Number(parts[i]) - share * 1e6)).toBeLessThanOrEqual(1.0001)
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['first', [3, 2, 1], [1_000_000, 0, 0]],
    ['linear', [3, 2, 1], [333_334, 333_333, 333_333]],
    ['linear', [1], [1_000_000]],
    ['position', [1], [1_000_000]],
    ['position', [2, 1], [500_000, 500_000]],
    ['position', [3, 2, 1], [400_000, 200_000, 400_000]],
    ['position', [5, 4, 3, 2, 1], [400_000, 66_667, 66_667, 66_666, 400_000]],
    ['decay', [7, 0], [333_333, 666_667]],
    ['decay', [14, 7, 0], [142_857, 285_714, 571_429]],
    ['decay', [3_650_000, 0], [0, 1_000_000]],
  ] as const)('%s of touches %j days old gives %j', (name, days, expected) => {
    const times = days.map((count) => NOW - count * DAY)
    expect(credits(times, { model: name, halfLifeMs: DEFAULT_HALF_LIFE_MS }).map(Number)).toEqual(expected)
  })

  it('halve exactly with every half-life', () => {
    expect([0n, 7n, 14n, 21n].map((age) => ONE / halved(age, 7n))).toEqual([1n, 2n, 4n, 8n])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 1_000, max: 9_000 }), (age, halfLife) => {
        const exact = 0.5 ** (age / halfLife)
        expect(Math.abs(Number(halved(BigInt(age), BigInt(halfLife))) / Number(ONE) - exact)).toBeLessThan(1e-9)
      }),
    )
  })
})

describe('apportion', () => {
  it('shares an amount to the unit, each part within one of its exact share, more to the larger weight', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { minLength: 1, maxLength: 20 })
      .filter((list) => list.some((w) => w > 0n))
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), weights, (total, given) => {
        const whole = given.reduce((sum, weight) => sum + weight, 0n)
        const parts = apportion(total, given)
        expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(total)
        parts.forEach((part, i) => {
          const exact = total * (given[i] ?? 0n)
          expect(part * whole > exact - whole && part * whole < exact + whole).toBe(true)
          given.forEach((other, j) => {
            if ((given[i] ?? 0n) > other) expect(part >= (parts[j] ?? 0n)).toBe(true)
          })
        })
      }),
    )
  })

  it('refuses weights of nothing', () => {
    expect(() => apportion(1n, [0n, 0n])).toThrow(RangeError)
    expect(() => apportion(1n, [])).toThrow(RangeError)
  })
})

describe('touches with a claim', () => {
  it('are those that the rules leave, in one order however they came', () => {
    fc.assert(
      fc.property(touches, named, fc.integer(), (list, campaign, seed) => {
        const judged = { occurredAt: NOW, named: campaign, windowsAt }
        const found = eligibleTouches(list, judged)
        expect(found).toHaveLength(naiveEligible(list, campaign).length)
        expect(new Set(found)).toEqual(new Set(naiveEligible(list, campaign)))
        const shuffled = list.map((one, i) => [Math.sin(seed + i), one] as const).sort(([a], [b]) => a - b)
        expect(
          eligibleTouches(
            shuffled.map(([, one]) => one),
            judged,
          ),
        ).toEqual(found)
        expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).sort((a, b) => a - b))
      }),
      { numRuns: 1_000 },
    )
  })

  it('hold the one that is billed: the last click, else the last viewed impression', () => {
    fc.assert(
      fc.property(touches, named, (list, campaign) => {
        const claims = naiveEligible(list, campaign)
        const clicks = claims.filter(({ type }) => type === 'click')
        const best = clicks.length > 0 ? clicks : claims
        const credit = attribute(list, { occurredAt: NOW, named: campaign, windowsAt })
        if (best.length === 0) expect(credit).toBeNull()
        else {
          expect(best).toContain(credit?.touch)
          expect(credit?.at).toBe(Math.max(...best.map(({ at }) => at)))
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
