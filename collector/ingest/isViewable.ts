import type { View } from '../../sdk/wire.ts'

/** Informed by the MRC's viewable impression guidelines: half of the pixels, less of a large ad, for one continuous second. */
const MIN_RATIO = 0.5
const LARGE_AREA = 242_500 // 970 x 250 px
const MIN_RATIO_LARGE = 0.3
const MIN_MS = 1_000

/** Whether the evidence of an impression makes it a viewable one. None, or an impossible one, does not. */
export function isViewable(view: View | undefined): boolean {
  if (!view || view.ms < MIN_MS) return false
  return view.ratio >= (view.area >= LARGE_AREA ? MIN_RATIO_LARGE : MIN_RATIO)
}
