import { misuse } from './misuse.ts'

/** One of the arms of `weights` by its weight; `random` is from 0 to below 1. Throws TypeError when no weight is over 0. */
export function draw(weights: Readonly<Record<string, number>>, random: number): string {
  let left = 0
  const arms = Object.entries(weights)
  for (const [, weight] of arms) left += weight * random
  for (const [arm, weight] of arms) {
    left -= weight
    if (left < 0) return arm
  }
  return misuse('variant', '{A: 1}')
}
