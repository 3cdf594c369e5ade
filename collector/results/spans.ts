import { addDays, dayStart } from './days.ts'
import type { ResultsQuery } from './query.ts'

/** Instants at which the answer changes column or the price changes; the first interval is all that came before `from`. */
export interface Spans {
  edges: number[]
  /** The day (or `from`) an interval belongs to; null for the one before the range. */
  dayOfInterval: (string | null)[]
}

/** Cuts a query's range, and all that came before it, where a day begins (if days are asked for) and at `cuts` (ms): where terms begin, where a budget runs out. */
export function spansOf({ from, to, tz, by }: Pick<ResultsQuery, 'from' | 'to' | 'tz' | 'by'>, cuts: number[]): Spans {
  const days = [from]
  if (by.includes('day')) for (let day = addDays(from, 1); day <= to; day = addDays(day, 1)) days.push(day)
  const starts = days.map((day) => dayStart(day, tz))
  const end = dayStart(addDays(to, 1), tz)
  const start = starts[0] ?? end
  const edges = [...new Set([0, ...starts, end, ...cuts.filter((at) => at > 0 && at < end)])].sort((a, b) => a - b)
  let day = -1
  const dayOfInterval = edges.slice(0, -1).map((edge) => {
    while (day + 1 < starts.length && (starts[day + 1] ?? end) <= edge) day += 1
    return edge < start ? null : (days[day] ?? null)
  })
  return { edges, dayOfInterval }
}
