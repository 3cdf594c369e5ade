import type { Dimension, LedgerEvent } from './store.ts'

/** Dimensions with a fixed name; `segment.NAME` and `variant.NAME` come on top. */
export const FIXED_DIMENSIONS = ['placement', 'source', 'medium', 'content', 'term', 'device', 'consent', 'witness', 'verdict'] as const

/** Whether totals can be split by this name. */
export function isDimension(name: string): name is Dimension {
  return (FIXED_DIMENSIONS as readonly string[]).includes(name) || /^(?:segment|variant)\../s.test(name)
}

type Described = Pick<LedgerEvent, 'tags' | 'witness' | 'verdict'>

/**
 * The dimensions in which totals hold an event.
 *
 * A counted one has each of its tags and its witness, one that is not counted only its verdict.
 */
export function dimensionsOf({ tags, witness, verdict }: Described): [Dimension, string][] {
  if (verdict !== 'counted') return [['verdict', verdict]]
  const found: [Dimension, string][] = [['witness', witness]]
  for (const name of ['placement', 'source', 'medium', 'content', 'term', 'device', 'consent'] as const) {
    const value = tags[name]
    if (value !== undefined) found.push([name, value])
  }
  for (const set of ['segment', 'variant'] as const) {
    for (const [key, value] of Object.entries(tags[set] ?? {})) found.push([`${set}.${key}`, value])
  }
  return found
}

/** The value of one dimension of an event, null when it has none. */
export function dimensionValue(event: Described, dimension: Dimension): string | null {
  return dimensionsOf(event).find(([name]) => name === dimension)?.[1] ?? null
}
