/** Totals are kept by quarter of an hour UTC: every zone's midnight falls on one (Kathmandu is +05:45), so days of all zones are exact. */
export const QUARTER_MS = 15 * 60 * 1_000

/**
 * Lengths of the slots in which totals are kept, longest first.
 *
 * A long range is answered from few long slots and its ends from short ones, so that a query's cost grows with neither events nor years.
 */
export const GRAINS_MS = [96 * QUARTER_MS, 4 * QUARTER_MS, QUARTER_MS] as const

/** Under this value totals gather what is over a dimension's bound. */
export const OTHER = '(other)'

/** Whole slots of one grain, half-open, numbered since the epoch. */
export interface Slots {
  grain: number
  from: number
  to: number
}

/** A half-open interval of ms cut into whole slots, which totals hold, and the ends in ms, which only the ledger knows. */
export interface Cut {
  slots: Slots[]
  rest: [from: number, to: number][]
}

export function cutToSlots(from: number, to: number, grain = 0): Cut {
  if (from >= to) return { slots: [], rest: [] }
  const ms = GRAINS_MS[grain]
  if (ms === undefined) return { slots: [], rest: [[from, to]] }
  const first = Math.ceil(from / ms)
  const last = Math.floor(to / ms)
  if (first >= last) return cutToSlots(from, to, grain + 1)
  const before = cutToSlots(from, first * ms, grain + 1)
  const after = cutToSlots(last * ms, to, grain + 1)
  return { slots: [...before.slots, { grain, from: first, to: last }, ...after.slots], rest: [...before.rest, ...after.rest] }
}
