import type { Verdict } from '../store/store.ts'

/** A campaign's limits on clicks of one visitor. null: off; 0 hours: off. */
export interface ClickRules {
  doubleClickSeconds: number | null
  repeatClickHours: number | null
  clickLimits: { count: number; per: 'minute' | 'hour' | 'day' }[] | null
}

/** The trade's usual limits, for campaigns that are not set up. */
export const DEFAULT_CLICK_RULES: ClickRules = {
  doubleClickSeconds: 30,
  repeatClickHours: 0,
  clickLimits: [
    { count: 10, per: 'hour' },
    { count: 25, per: 'day' },
  ],
}

/** A click of the visitor on the campaign, with what was found of it. Times in ms. */
export interface Click {
  id: string
  at: number
  placement: string | undefined
  verdict: Verdict
}

const PERIOD_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/**
 * Whether one more click of a visitor on a campaign counts, given those before it, in the order in which they came.
 *
 * Only clicks that counted stand against it, so that a burst costs its sender and not the visitor for ever. The same id again has the
 * verdict that it had.
 */
export function clickVerdict(before: Click[], { id, at, placement }: Omit<Click, 'verdict'>, rules: ClickRules): Verdict {
  const same = before.find((click) => click.id === id)
  if (same) return same.verdict
  const counted = before.filter(({ verdict }) => verdict === 'counted')
  const within = (ms: number) => counted.filter((click) => Math.abs(at - click.at) < ms)
  const doubleMs = (rules.doubleClickSeconds ?? 0) * 1_000
  if (within(doubleMs).some((click) => click.placement === placement)) return 'double_click'
  if (within((rules.repeatClickHours ?? 0) * PERIOD_MS.hour).length > 0) return 'repeat_click'
  const isOver = (rules.clickLimits ?? []).some(({ count, per }) => within(PERIOD_MS[per]).length >= count)
  return isOver ? 'rate' : 'counted'
}
