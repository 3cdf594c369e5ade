/** One, in the fixed point of `halved`: 62 bits after the point. */
export const ONE = 1n << 62n

/** Bits of the exponent after its point: a half-life of a year is resolved to 8 ms. */
const STEPS = 32

function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** 2^(-1/2), 2^(-1/4), 2^(-1/8), …: each is the square root of the one before. */
const ROOTS: bigint[] = []
let root = ONE >> 1n
while (ROOTS.length < STEPS) {
  root = squareRoot(root * ONE)
  ROOTS.push(root)
}

/**
 * What is left of ONE after `age` when half of it goes every `halfLife` (both in ms, whole, `age` not negative), rounded down.
 *
 * On integers alone, because `Math.pow` may differ in its last bit from one machine to the next, and a report must not.
 */
export function halved(age: bigint, halfLife: bigint): bigint {
  const exponent = (age << BigInt(STEPS)) / halfLife
  const halvings = exponent >> BigInt(STEPS)
  if (halvings > 62n) return 0n
  let value = ONE
  ROOTS.forEach((root, i) => {
    if ((exponent >> BigInt(STEPS - 1 - i)) & 1n) value = (value * root) / ONE
  })
  return value >> halvings
}
