import { expect, test } from 'vitest'
import { idMaker } from '../../sdk/id.ts'

const random = (length: number) => new Uint8Array(length).fill(0xff)

test('makes a UUID of version 7 that begins with the time', () => {
  const id = idMaker({ now: () => 0x0193a6b25c1e, random })()
  expect(id).toBe('0193a6b2-5c1e-7000-8fff-ffffffffffff')
})

test.each([
  ['stands still', 0],
  ['goes back', -5],
])('makes ascending ids while the clock %s', (_, step) => {
  let clock = 1_764_000_000_000
  const makeId = idMaker({ now: () => (clock += step), random })
  const ids = Array.from({ length: 5_000 }, makeId)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
})

test('still makes exact ids in the year 2100', () => {
  const id = idMaker({ now: () => Date.UTC(2100, 0), random })()
  expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(Date.UTC(2100, 0))
})
