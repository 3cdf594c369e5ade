import type { LedgerEvent } from '../store/store.ts'
import { creditedTouch } from './creditedTouch.ts'

/**
 * The campaign that the page or server named for a conversion itself, undefined when it was found by a touch or there is none.
 *
 * A conversion that is credited to a campaign without a touch was named; so was one whose touch is of another campaign, as when a server's word
 * superseded a browser's.
 */
export function namedCampaign({
  campaign,
  evidence: { credit, touches = [] },
}: Pick<LedgerEvent, 'campaign' | 'evidence'>): string | undefined {
  if (campaign === '') return undefined
  if (!credit || credit.named) return campaign
  const credited = touches[creditedTouch(touches, credit)]
  return credited && credited.campaign !== campaign ? campaign : undefined
}
