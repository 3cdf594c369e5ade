import type { Environment } from './environment.ts'
import type { PageEvent } from './event.ts'
import { type KeptList, keepList } from './kept-list.ts'
import { type Consent, EVENT_TYPES } from './wire.ts'

/** An event that no collector has acknowledged yet, and where it goes: the sites of one origin share the queue. */
export interface Queued {
  site: string
  endpoint: string
  event: PageEvent
}

/** What is worth most first: purchases, signups, clicks, impressions; of one type the newest. */
export type Queue = KeptList<Queued>

/** 500 events of an ordinary 600 bytes are 300 kB of the 5 MB that the page itself may need. */
const MAX_EVENTS = 500

const worth = ({ event }: Queued) => EVENT_TYPES.indexOf(event.type)

/** Opens the queue of this origin. When it is full, what is worth least goes. */
export function openQueue(environment: Environment, consent: () => Consent): Queue {
  return keepList<Queued>(environment, 'tallymark.queue', {
    consent,
    // An impression that goes again with a better view has the same id, and must outlive the receipt of the first.
    nameOf: ({ event }) => event.id + event.view?.ms,
    bound: (list) => list.sort((a, b) => worth(b) - worth(a) || b.event.occurredAt - a.event.occurredAt).slice(0, MAX_EVENTS),
  })
}
