import { byteLength } from './batches.ts'
import { dropTouch } from './journey.ts'
import { misuse } from './misuse.ts'
import { stringify } from './stringify.ts'
import { type TagsInput, toTag } from './tags.ts'
import { type EventType, type Item, LIMITS, type Tags, type Touch, type View, type WireEvent } from './wire.ts'

/** An event on its way: `occurredAt` is always a number here, ms of the page's clock. */
export type PageEvent = WireEvent & { occurredAt: number }

/** What a call, the markup or the URL says about one event. */
export interface Given extends TagsInput {
  id?: string | undefined
  occurredAt?: number
  orderId?: unknown
  leadId?: unknown
  value?: unknown
  currency?: unknown
  items?: readonly Item[] | undefined
  view?: View
  test?: boolean | undefined
  /** Of no campaign, so that it is on no bill. */
  isExposure?: true
}

/** What the page knows when an event happens: fields of any event, and its tags. */
export type Surroundings = Pick<PageEvent, 'id' | 'occurredAt' | 'page' | 'consent' | 'automation'> & Tags

/** A number that JSON does not know would vanish and leave a purchase without value: as text the collector refuses it and says so. */
const amount = (value: unknown) => (Number.isFinite(value) ? value : toTag(value))

/**
 * The event as it goes on the wire, within the limits of `wire.ts`; `touches`, oldest first, is taken over.
 *
 * An event that is too large gives up what no bill rests on first: items, touches, labels. Throws TypeError when an order or lead id is missing or too long: cut, two could
 * become one.
 */
export function buildEvent(type: EventType, given: Given, surroundings: Surroundings, touches: Touch[]): PageEvent {
  const identify = (name: 'orderId' | 'leadId') => {
    const id = toTag(given[name])
    if (id ? id.length > LIMITS.orderIdLength : type + name === 'purchaseorderId') misuse(type, `${name}, 1-64 characters`)
    return id
  }
  const event = {
    ...surroundings,
    type,
    orderId: identify('orderId'),
    leadId: identify('leadId'),
    value: amount(given.value),
    currency: toTag(given.currency),
    items: given.items?.slice(0, LIMITS.items).map(({ id, name, price, quantity }) => ({
      id: toTag(id),
      name: toTag(name),
      price: amount(price),
      quantity: amount(quantity),
    })),
    view: given.view,
    test: given.test,
    touches: touches[0] && touches,
  } as PageEvent
  const isTooLarge = () => byteLength(stringify(event)) > LIMITS.eventBytes
  if (isTooLarge()) {
    delete event.items
    while (touches[1] && isTooLarge()) dropTouch(touches)
    if (isTooLarge()) {
      delete event.segment
      delete event.variant
    }
  }
  return event
}
