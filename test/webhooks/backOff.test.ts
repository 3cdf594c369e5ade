import { expect, it } from 'vitest'
import { backOff } from '../../collector/webhooks/backOff.ts'

it('waits anything from nothing to a bound that grows to half a day', () => {
  expect([1, 2, 3, 6, 7, 9, 60].map((attempts) => backOff(attempts, 0.999_999_999) + 1)).toEqual([
    30_000, 120_000, 480_000, 30_720_000, 43_200_000, 43_200_000, 43_200_000,
  ])
  expect(backOff(5, 0)).toBe(0)
  expect(backOff(2, 0.5)).toBe(60_000)
})
