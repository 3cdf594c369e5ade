import { VITALS, type VitalName } from '../../sdk/wire.ts'
import type { VitalsRow } from '../store/vitals.ts'

/** One web vital over many page views. Shares are parts of one, to six decimals. */
export interface VitalFigures {
  count: number
  /** 75 % of the page views were at or below it, within 1 %; in ms, of CLS without unit. */
  p75: number
  good: number
  needsImprovement: number
  poor: number
}

const share = (part: number, whole: number) => Math.round((part / whole) * 1e6) / 1e6

function figuresOf(name: VitalName, rows: VitalsRow[]): VitalFigures {
  const count = rows.reduce((sum, row) => sum + row.count, 0)
  const rated = (rating: VitalsRow['rating']) =>
    share(
      rows.reduce((sum, row) => sum + (row.rating === rating ? row.count : 0), 0),
      count,
    )
  let below = 0
  // Nearest rank: the smallest value that at least three quarters do not exceed.
  const isRank = (row: VitalsRow) => {
    below += row.count
    return below >= 0.75 * count
  }
  const p75 = rows.toSorted((a, b) => a.value - b.value).find(isRank)?.value ?? 0
  const parts = name === 'CLS' ? 1_000 : 1
  return {
    count,
    p75: Math.round(p75 * parts) / parts,
    good: rated('good'),
    needsImprovement: rated('needs-improvement'),
    poor: rated('poor'),
  }
}

export type Vitals = Partial<Record<VitalName, VitalFigures>>

/** The vitals of page views, null when none was measured. */
export function vitalsOf(rows: VitalsRow[]): Vitals | null {
  const vitals: Vitals = {}
  for (const name of Object.keys(VITALS) as VitalName[]) {
    const own = rows.filter((row) => row.name === name)
    if (own.length > 0) vitals[name] = figuresOf(name, own)
  }
  return Object.keys(vitals).length > 0 ? vitals : null
}
