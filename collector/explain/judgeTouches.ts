import type { Touch } from '../../sdk/wire.ts'
import { creditedTouch } from '../attribution/creditedTouch.ts'
import { ineligible, type Judged, windowMs } from '../attribution/eligibleTouches.ts'
import type { Evidence } from '../store/store.ts'
import { TOUCH_REASONS, type TouchReason } from './reasons.ts'

const DAY_MS = 86_400_000

/** A touch of a conversion, and what became of it. Times are ISO 8601. */
export interface JudgedTouch extends Omit<Touch, 'at'> {
  at: string
  /** How long before the conversion, ms; negative when it came after. */
  ageMs: number
  windowDays: number
  inWindow: boolean
  won: boolean
  reason: TouchReason
  why: string
}

type Winner = NonNullable<Evidence['credit']>

/** Why a touch with a claim on the conversion lost it. */
function whyLost(touch: Touch, { winner, isBefore }: { winner: Winner | undefined; isBefore: boolean }): TouchReason {
  if (!winner) return 'frozen'
  if (touch.type !== winner.from) return touch.type === 'click' ? 'frozen' : 'click_wins'
  const isEarlier = touch.at < winner.at || (touch.at === winner.at && isBefore)
  if (!isEarlier) return 'frozen'
  return touch.type === 'click' ? 'earlier_click' : 'earlier_impression'
}

/**
 * Every touch of a conversion with its age, its window and why it won or lost, oldest first.
 *
 * `winner` is the credit that was stored when the conversion came, and stays whatever windows terms give it later.
 */
export function judgeTouches(touches: Touch[], { winner, ...judged }: Judged & { winner: Winner | undefined }): JudgedTouch[] {
  const won = creditedTouch(touches, winner)
  const all = touches.map((touch, i) => {
    const window = windowMs(touch, judged)
    const ageMs = judged.occurredAt - touch.at
    const reason: TouchReason =
      i === won
        ? touch.type === 'click'
          ? 'last_click'
          : 'last_impression'
        : (ineligible(touch, judged) ?? whyLost(touch, { winner, isBefore: i < won }))
    return {
      ...touch,
      at: new Date(touch.at).toISOString(),
      ageMs,
      windowDays: window / DAY_MS,
      inWindow: ageMs >= 0 && ageMs <= window,
      won: i === won,
      reason,
      why: TOUCH_REASONS[reason],
    }
  })
  return all.sort((a, b) => b.ageMs - a.ageMs)
}
