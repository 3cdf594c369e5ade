import { creditedTouch } from '../attribution/creditedTouch.ts'
import { namedCampaign } from '../attribution/namedCampaign.ts'
import { attribute, type Credit } from '../ingest/attribute.ts'
import type { Registry } from '../registry.ts'
import type { LedgerEvent } from '../store/store.ts'
import { type JudgedTouch, judgeTouches } from './judgeTouches.ts'
import { CREDIT_REASONS, type CreditHow } from './reasons.ts'

/** Which campaign a conversion went to, and why. */
export interface ExplainedCredit {
  campaign: string | null
  how: CreditHow
  why: string
  /** Oldest first. */
  touches: JudgedTouch[]
  /** What the windows that hold now would say, in a sentence; null when they say the same. */
  differs: string | null
}

function sentence(now: Credit | null): string {
  const where = now
    ? `to campaign "${now.touch.campaign}" by the last ${now.touch.type === 'click' ? 'click' : 'viewed impression'}`
    : 'to no campaign'
  return `By the windows that hold now it would go ${where}. What was credited and billed when it came stays as it was.`
}

/** The credit of a conversion as it was stored, its touches judged by the windows that held when it occurred. */
export function explainCredit(event: LedgerEvent, { windowsAt }: Pick<Registry, 'windowsAt'>): ExplainedCredit {
  const { campaign, occurredAt, evidence } = event
  const { touches = [], credit } = evidence
  const named = namedCampaign(event)
  const judged = { occurredAt, named, windowsAt }
  const how: CreditHow = campaign === '' ? 'none' : named !== undefined ? 'named' : (credit?.from ?? 'none')
  const now = attribute(touches, judged)
  const won = creditedTouch(touches, credit)
  const isSame = now ? now.touch === touches[won] : credit === undefined
  // A server's word may have brought the credit, and the browser's report the touches.
  const isAmongThem = credit === undefined || won !== -1
  return {
    campaign: campaign || null,
    how,
    why: CREDIT_REASONS[how],
    touches: judgeTouches(touches, { ...judged, winner: credit }),
    differs: isSame || named !== undefined || !isAmongThem ? null : sentence(now),
  }
}
