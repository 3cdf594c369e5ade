import type { PageEvent } from './event.ts'
import type { Store } from './store.ts'
import { TAG_NAMES } from './tags.ts'
import { LIMITS, type Touch } from './wire.ts'

/** Three times the default click window: a report on attribution may look further back than the bill does. */
const MAX_AGE_MS = 90 * 24 * 60 * 60 * 1000

/** What makes an impression viewable, and so a touch: 1 continuous second (MRC Viewable Ad Impression Measurement Guidelines, 5.1). */
export const VIEWABLE_MS = 1000

/** Takes out what is worth least: impressions before clicks, as they are many and the weaker claim, old before new, and never the first touch. */
export const dropTouch = (touches: Touch[]): Touch[] =>
  touches.splice(
    Math.max(
      1,
      touches.findIndex(({ type }, i) => i && type !== 'click'),
    ),
    1,
  )

/** This visitor's touches, oldest first: at most 20, none older than 90 days. What is over that is forgotten. */
export function readJourney(store: Store, now: () => number): Touch[] {
  const erase = ({ id }: Touch) => store.erase(`touch.${id}`)
  const touches = (store.recall() as Touch[])
    .filter((touch) => touch?.at && (touch.at > now() - MAX_AGE_MS || erase(touch)))
    .sort((a, b) => a.at - b.at)
  while (touches[LIMITS.touches]) dropTouch(touches).forEach(erase)
  return touches
}

/** The touch that a click is, or an impression that was seen, of some campaign. Without a view it was the page that said so. */
export function toTouch(event: PageEvent): Touch | undefined {
  const { id, type, campaign, view, occurredAt: at } = event
  if (!campaign || (view?.ms as number) < VIEWABLE_MS) return
  const touch = { id, type, at } as Touch
  for (const name of TAG_NAMES) touch[name] = event[name] as string
  return touch
}
