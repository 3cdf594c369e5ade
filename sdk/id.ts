import type { Environment } from './environment.ts'

/**
 * Makes UUIDs of version 7 (RFC 9562, 5.7): the time in milliseconds, then 72 random bits.
 *
 * `crypto.randomUUID` would be version 4, and is missing on http pages; where all of `crypto` is missing or patched, `Math.random` alone must do.
 */
export function idMaker({ Math: { random }, crypto }: Pick<Environment, 'Math' | 'crypto'>, now: () => number): () => string {
  return () => {
    const bytes = new Uint8Array(18)
    try {
      crypto.getRandomValues(bytes)
    } catch {
      // See above.
    }
    const tail = [...bytes].map((byte) => ((byte ^ (random() * 16)) & 15).toString(16)).join('')
    // Eleven digits hold the time until 2527.
    return `0${now().toString(16)}7${tail}`.replace(/(.{8})(....)(....)(...)/, '$1-$2-$3-8$4-')
  }
}
