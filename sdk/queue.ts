import type { PageEvent } from './event.ts'
import type { Store } from './store.ts'
import { EVENT_TYPES } from './wire.ts'

/** An event that no collector has acknowledged yet. */
export interface Queued {
  event: PageEvent
  /** Until then, ms since the epoch, only the page that made it sends it; after that whoever comes. */
  until: number
}

export interface Queue {
  /** What is worth most first: purchases, signups, clicks, impressions; of one type the newest. What is over the bound is dropped. */
  recall(): Queued[]
  /** Takes in what this page made, for others to send from `until` on; a conversion is on the device when it returns. */
  admit(entry: Queued): void
  erase(entries: readonly Queued[]): void
}

/** 1,000 events of an ordinary 400 bytes are 400 kB of the 5 MB that the page itself may need. */
const MAX_EVENTS = 1_000

/** Purchases, signups, clicks, impressions; of one type the newest first. */
export const byWorth = (a: Queued, b: Queued): number => worth(b) - worth(a) || b.event.occurredAt - a.event.occurredAt

const worth = ({ event }: Queued) => EVENT_TYPES.indexOf(event.type)

/** An impression that goes again with a better view has the same id, and must outlive the receipt of the first. */
const nameOf = ({ event }: Queued) => `queue.${event.id}${event.view?.ms ?? ''}`

/** The part of `store` that waits for the collector. */
export function openQueue(store: Store): Queue {
  const erase = (entries: readonly Queued[]) => entries.map(nameOf).forEach(store.erase)
  return {
    erase,
    admit(entry) {
      store.hold(nameOf(entry), entry)
      if (worth(entry) > 1) store.keep()
    },
    recall() {
      const list = (store.recall() as Queued[]).filter((entry) => entry?.event?.id).sort(byWorth)
      erase(list.splice(MAX_EVENTS))
      return list
    },
  }
}
