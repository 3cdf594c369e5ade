import type { Environment } from './environment.ts'
import type { PageEvent } from './event.ts'
import { type KeptList, keepList } from './kept-list.ts'
import { TAG_NAMES } from './tags.ts'
import { type Consent, LIMITS, type Touch } from './wire.ts'

/** Three times the default click window: a report on attribution may look further back than the bill does. */
const MAX_AGE_MS = 90 * 24 * 60 * 60 * 1000

/** What makes an impression viewable, and so a touch: 1 continuous second (MRC Viewable Ad Impression Measurement Guidelines, 5.1). */
export const VIEWABLE_MS = 1000

/**
 * This visitor's touches on `site`: at most 20, none older than 90 days; impressions before clicks, each oldest first.
 *
 * So what is cut from the front is worth least: impressions are many and the weaker claim.
 */
export function openJourney(environment: Environment, site: string, consent: () => Consent): KeptList<Touch> {
  return keepList<Touch>(environment, `tallymark.journey.${site}`, {
    consent,
    nameOf: (touch) => touch.id,
    bound: (touches) =>
      touches
        .filter(({ at }) => at > environment.now() - MAX_AGE_MS)
        .sort((a, b) => (a.type === b.type ? a.at - b.at : a.type === 'click' ? 1 : -1))
        .slice(-LIMITS.touches),
  })
}

/** The touch that `event` is: a click, or an impression that was seen, of some campaign. Without a view it was the page that said so. */
export function toTouch(event: PageEvent): Touch | undefined {
  const { type, campaign, view } = event
  if (!campaign || !(type === 'click' || (type === 'impression' && !(view && view.ms < VIEWABLE_MS)))) return
  const touch: Touch = { id: event.id, type, campaign, at: event.occurredAt }
  for (const name of TAG_NAMES) if (event[name]) touch[name] = event[name]
  return touch
}
