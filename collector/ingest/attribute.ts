import type { Touch } from '../../sdk/wire.ts'

const DAY_MS = 86_400_000

export interface Windows {
  clickDays: number
  viewDays: number
}

export interface Credit {
  touch: Touch
  /** When the touch was, by the collector's clock. */
  at: number
}

/**
 * The touch that gets the credit for a conversion: the last click within its campaign's click window, else the last impression
 * within its view window, else none.
 *
 * `occurredAt` and the touches' times are ms of the collector's clock. `named` limits the choice to one campaign, which the page said itself.
 */
export function attribute(
  touches: Touch[],
  { occurredAt, named, windowsAt }: { occurredAt: number; named: string | undefined; windowsAt: (campaign: string, at: number) => Windows },
): Credit | null {
  let last: Credit | null = null
  for (const touch of touches) {
    const at = touch.at
    if (named !== undefined && touch.campaign !== named) continue
    const { clickDays, viewDays } = windowsAt(touch.campaign, occurredAt)
    const windowMs = (touch.type === 'click' ? clickDays : viewDays) * DAY_MS
    if (at > occurredAt || occurredAt - at > windowMs) continue
    const isBetter = !last || (touch.type === last.touch.type ? at >= last.at : touch.type === 'click')
    if (isBetter) last = { touch, at }
  }
  return last
}
