import { expect, test } from 'vitest'
import { idMaker } from '../../sdk/id.ts'
import { fakeWorld } from './fakes.ts'

const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/
const timeOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

test.each([1_764_000_000_000, Date.UTC(2100, 0, 1) + 999])('makes a UUID of version 7 that begins with the time %i', (now) => {
  const id = idMaker(fakeWorld().environment, () => now)()
  expect(id).toMatch(UUID)
  expect(timeOf(id)).toBe(now)
})

test.each([
  ['is missing', undefined],
  [
    'throws',
    {
      getRandomValues() {
        throw new Error('patched')
      },
    },
  ],
  ['does nothing', { getRandomValues: () => 7 }],
])('makes different ids when crypto %s', (_, crypto) => {
  const makeId = idMaker({ Math, crypto: crypto as unknown as Crypto }, () => 1_764_000_000_000)
  const ids = Array.from({ length: 1_000 }, makeId)
  for (const id of ids) expect(id).toMatch(UUID)
  expect(new Set(ids).size).toBe(1_000)
})

test('takes the randomness of crypto when that of Math is spoilt', () => {
  const { environment } = fakeWorld()
  const makeId = idMaker({ crypto: environment.crypto, Math: Object.create(Math, { random: { value: () => 0 } }) }, () => 1)
  expect(makeId()).not.toBe(makeId())
})
