import { addDays, isDay, sortDays } from './days.ts'

export const PRESETS = [
  { id: 'today', label: 'Today' },
  { id: '7d', label: '7 days' },
  { id: '30d', label: '30 days' },
  { id: 'month', label: 'This month' },
  { id: 'last-month', label: 'Last month' },
] as const
export type Preset = (typeof PRESETS)[number]['id']

/** A leap year: longer ranges make the chart unreadable and its data heavy. */
export const MAX_RANGE_DAYS = 366

/** Days shown, both included. `preset` when the range moves with the calendar, null for days that were picked. */
export interface Range {
  from: string
  to: string
  preset: Preset | null
  /** The range asked for was longer than `MAX_RANGE_DAYS`; its last days are shown. */
  shortened: boolean
}

/**
 * The range that a query string asks for.
 *
 * `from` and `to` win over `range`; a day that is missing or none is today's or the same as the other; days in the wrong order are swapped.
 * Default: 30 days.
 */
export function readRange(query: { range?: string | undefined; from?: string | undefined; to?: string | undefined }, today: string): Range {
  const first = query.from && isDay(query.from) ? query.from : undefined
  const last = query.to && isDay(query.to) ? query.to : undefined
  if (!first && !last) {
    const preset = PRESETS.find(({ id }) => id === query.range)?.id ?? '30d'
    return { ...presetDays(preset, today), preset, shortened: false }
  }
  const [asked, to] = sortDays(first ?? last ?? today, last ?? today)
  const [, from] = sortDays(asked, addDays(to, 1 - MAX_RANGE_DAYS))
  return { from, to, preset: null, shortened: from !== asked }
}

/** The days of a preset, seen from `today`. */
export function presetDays(preset: Preset, today: string): { from: string; to: string } {
  const firstOfMonth = `${today.slice(0, 8)}01`
  const endOfLastMonth = addDays(firstOfMonth, -1)
  switch (preset) {
    case 'today':
      return { from: today, to: today }
    case '7d':
      return { from: addDays(today, -6), to: today }
    case '30d':
      return { from: addDays(today, -29), to: today }
    case 'month':
      return { from: firstOfMonth, to: today }
    case 'last-month':
      return { from: `${endOfLastMonth.slice(0, 8)}01`, to: endOfLastMonth }
  }
}
