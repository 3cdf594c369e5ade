import type { Environment } from './environment.ts'

/** How many ids a millisecond has. With 11 bits of the 12 that follow the version, time x 2048 stays exact in a double until 2109. */
const PER_MS = 2048

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

/**
 * Makes UUIDs of version 7, each greater than the one before, also when the clock stands still or goes back.
 *
 * Time, a counter (RFC 9562, 6.2, method 1), 60 random bits. `crypto.randomUUID` would be version 4, and is missing on http pages.
 */
export function idMaker({ now, random }: Pick<Environment, 'now' | 'random'>): () => string {
  let ticks = 0
  return () => {
    ticks = Math.max(now() * PER_MS, ticks + 1)
    const time = hex(Math.floor(ticks / PER_MS), 12)
    const tail = Array.from(random(8), (byte) => hex(byte, 2)).join('')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(ticks % PER_MS, 3)}-8${tail.slice(0, 3)}-${tail.slice(4)}`
  }
}
