import type { Range } from './range.ts'

/** What the overview shows, as its query string says it. */
export interface View {
  range: Range
  campaign: string | null
  metric: string | null
  split: string | null
}

/** Address of the overview for `view` with some of it changed. Defaults are left out. */
export function overviewHref(view: View, change: Partial<View> = {}): string {
  const { range, campaign, metric, split } = { ...view, ...change }
  const query = new URLSearchParams()
  if (range.preset === null) {
    query.set('from', range.from)
    query.set('to', range.to)
  } else if (range.preset !== '30d') query.set('range', range.preset)
  if (campaign) query.set('campaign', campaign)
  if (metric) query.set('metric', metric)
  if (campaign && split) query.set('split', split)
  return query.size === 0 ? '/dashboard' : `/dashboard?${query}`
}
