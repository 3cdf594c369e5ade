import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dueAlerts } from '../../collector/alerts/dueAlerts.ts'
import type { BudgetStanding } from '../../collector/results/budgetStandings.ts'

const campaign = { id: 'spring', currency: 'NOK' }
const standing = (limit: bigint, owed: bigint, more: Partial<BudgetStanding> = {}) =>
  ({ budget: 'monthly', period: '2026-11', limit, owed, ...more }) as BudgetStanding
const due = (limit: bigint, owed: bigint, more: Partial<BudgetStanding> = {}, known: string[] = []) =>
  dueAlerts(campaign, [standing(limit, owed, more)], { known: (id) => known.includes(id), at: 5 })
const thresholds = (limit: bigint, owed: bigint) => due(limit, owed).map(({ threshold }) => threshold)

it.each([
  [10_000n, 4_999n, []],
  [10_000n, 5_000n, [50]],
  [10_000n, 7_999n, [50]],
  [10_000n, 8_000n, [50, 80]],
  [10_000n, 9_999n, [50, 80]],
  [10_000n, 10_000n, [50, 80, 100]],
  [10_001n, 5_000n, []],
  [3n, 2n, [50]],
  [10_000n, 25_000n, [50, 80, 100]], // a budget that was lowered
  [0n, 0n, []],
  [0n, 500n, []],
  [10_000n, -500n, []],
])('of %s with %s owed gives %j', (limit, owed, expected) => {
  expect(thresholds(limit, owed)).toEqual(expected)
})

it('gives each once for a campaign, budget, period, threshold and agreed limit', () => {
  const known = due(100n, 85n).map(({ id }) => id)
  expect(due(100n, 90n, {}, known)).toEqual([])
  expect(due(100n, 100n, {}, known)).toMatchObject([{ threshold: 100, owedMinor: 100, at: 5 }])
  expect(due(100n, 85n, { period: '2026-12' }, known)).toHaveLength(2)
  expect(due(100n, 85n, { budget: 'total', period: '' }, known)).toHaveLength(2)
  expect(due(101n, 85n, {}, known)).toHaveLength(2)
})

it('gives those of a higher share and never fewer', () => {
  const minor = fc.bigInt({ min: 1n, max: 10n ** 13n })
  fc.assert(
    fc.property(minor, minor, minor, (limit, owed, more) => {
      const [before, after] = [thresholds(limit, owed), thresholds(limit, owed + more)]
      expect(after.slice(0, before.length)).toEqual(before)
      expect(before.includes(100)).toBe(owed >= limit)
    }),
  )
})
