/** Totals are kept by quarter of an hour UTC: every zone's midnight falls on one (Kathmandu is +05:45), so days of all zones are exact. */
export const QUARTER_MS = 15 * 60 * 1_000

/** Under this value totals gather what is over a dimension's bound. */
export const OTHER = '(other)'

/** A half-open interval of ms cut into whole quarters, which totals hold, and the ends, which only the ledger knows. */
export interface Cut {
  /** Half-open, in quarters since the epoch; null when the interval holds no whole one. */
  quarters: [from: number, to: number] | null
  /** Half-open, in ms. */
  rest: [from: number, to: number][]
}

export function cutToQuarters(from: number, to: number): Cut {
  const first = Math.ceil(from / QUARTER_MS)
  const last = Math.floor(to / QUARTER_MS)
  if (first >= last) return { quarters: null, rest: to > from ? [[from, to]] : [] }
  const ends: [number, number][] = [
    [from, first * QUARTER_MS],
    [last * QUARTER_MS, to],
  ]
  return { quarters: [first, last], rest: ends.filter(([start, end]) => end > start) }
}
