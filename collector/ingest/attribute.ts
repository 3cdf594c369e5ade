import type { Touch } from '../../sdk/wire.ts'
import { ineligible, type Judged } from '../attribution/eligibleTouches.ts'

export type { Windows } from '../attribution/eligibleTouches.ts'

export interface Credit {
  touch: Touch
  /** When the touch was, by the collector's clock. */
  at: number
}

/**
 * The touch that gets the credit for a conversion: the last click within its campaign's click window, else the last impression
 * within its view window, else none. A return from a payment provider has no claim.
 *
 * `occurredAt` and the touches' times are ms of the collector's clock.
 */
export function attribute(touches: Touch[], judged: Judged): Credit | null {
  let last: Credit | null = null
  for (const touch of touches) {
    const at = touch.at
    if (ineligible(touch, judged)) continue
    const isBetter = !last || (touch.type === last.touch.type ? at >= last.at : touch.type === 'click')
    if (isBetter) last = { touch, at }
  }
  return last
}
