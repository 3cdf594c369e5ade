import type { Rating, VitalName } from '../../sdk/wire.ts'

/** How fast one page view was, as it is kept. */
export interface Vital {
  id: string
  name: VitalName
  /** ms; of CLS without unit. */
  value: number
  rating: Rating
  site: string
  /** '' for none. */
  campaign: string
  /** Landing page, '' for none. */
  page: string
  /** By the collector's clock, ms. */
  occurredAt: number
  receivedAt: number
}

export interface VitalsQuery {
  campaign: string
  /** Ascending instants, ms, on quarters of an hour. */
  edges: number[]
}

/** Measurements of about one value. */
export interface VitalsRow extends Pick<Vital, 'name' | 'rating' | 'site' | 'page'> {
  /** Index of the interval: from `edges[interval]` to `edges[interval + 1]`. */
  interval: number
  /** Within 1 % of what was measured. */
  value: number
  count: number
}

/** Values that differ by less are counted as one: 2 % apart, so that each is told within 1 %. */
const STEP = Math.log(1.02)

/** Parts of a unit below which values are 0: tenths of a ms, thousandths of CLS. */
const PARTS: Record<VitalName, number> = { LCP: 10, INP: 10, FCP: 10, TTFB: 10, CLS: 1_000 }

export const bucketOf = (name: VitalName, value: number): number => {
  const parts = value * PARTS[name]
  return parts < 1 ? 0 : 1 + Math.round(Math.log(parts) / STEP)
}

export const valueIn = (name: VitalName, bucket: number): number => (bucket === 0 ? 0 : Math.exp((bucket - 1) * STEP) / PARTS[name])
