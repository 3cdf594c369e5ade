import type { Touch } from '../../sdk/wire.ts'
import { isPaymentReturn } from './isPaymentReturn.ts'

const DAY_MS = 86_400_000

/** How many days back a campaign's clicks and viewed impressions have a claim on a conversion. */
export interface Windows {
  clickDays: number
  viewDays: number
}

/** A conversion as far as its touches are judged. */
export interface Judged {
  /** ms, by the clock of the touches. */
  occurredAt: number
  /** The campaign that the page or server named itself: no other has a claim then. */
  named: string | undefined
  /** Windows of a campaign at an instant. */
  windowsAt: (campaign: string, at: number) => Windows
}

/** Why a touch has no claim on a conversion. */
export type Ineligible = 'payment_return' | 'other_campaign' | 'after_conversion' | 'out_of_window'

/** The window (ms) of a touch: its campaign's for clicks or for viewed impressions, as it was when the conversion occurred. */
export function windowMs({ type, campaign }: Touch, { occurredAt, windowsAt }: Pick<Judged, 'occurredAt' | 'windowsAt'>): number {
  const { clickDays, viewDays } = windowsAt(campaign, occurredAt)
  return (type === 'click' ? clickDays : viewDays) * DAY_MS
}

/** Why a touch has no claim on the conversion; undefined when it has one. A window includes its last millisecond. */
export function ineligible(touch: Touch, judged: Judged): Ineligible | undefined {
  const { occurredAt, named } = judged
  if (isPaymentReturn(touch)) return 'payment_return'
  if (named !== undefined && touch.campaign !== named) return 'other_campaign'
  if (touch.at > occurredAt) return 'after_conversion'
  return occurredAt - touch.at > windowMs(touch, judged) ? 'out_of_window' : undefined
}

const FIELDS = ['type', 'campaign', 'id', 'placement', 'source', 'medium', 'content', 'term'] as const

/** By time; of one moment by what they are, so that the order in which they came decides nothing. */
function compareTouches(a: Touch, b: Touch): number {
  if (a.at !== b.at) return a.at - b.at
  for (const field of FIELDS) {
    const [left, right] = [a[field] ?? '', b[field] ?? '']
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

/** The touches that have a claim on a conversion, oldest first, in one order however they came. */
export const eligibleTouches = (touches: Touch[], judged: Judged): Touch[] =>
  touches.filter((touch) => ineligible(touch, judged) === undefined).sort(compareTouches)
