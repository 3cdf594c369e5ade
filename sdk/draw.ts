import { misuse } from './misuse.ts'

/** One of the arms of `weights` by its weight; `random` is from 0 to below 1. Throws TypeError when no weight is over 0. */
export function draw(weights: Readonly<Record<string, number>>, random: number): string {
  let left = 0
  for (const weight of Object.values(weights)) left += weight
  left *= random
  for (const [arm, weight] of Object.entries(weights)) {
    left -= weight
    if (left < 0) return arm
  }
  return misuse('variant needs {A: 1}')
}
