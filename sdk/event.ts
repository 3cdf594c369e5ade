import { byteLength } from './batches.ts'
import { dropTouch } from './journey.ts'
import { misuse } from './misuse.ts'
import { stringify } from './stringify.ts'
import { joinTags, type TagsInput, toTag } from './tags.ts'
import { EVENT_TYPES, type EventType, type Item, LIMITS, type Tags, type Touch, type View, type WireEvent } from './wire.ts'

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

/** What the page knows when an event happens. */
export interface Surroundings {
  /** Fields of any event. */
  base: Pick<PageEvent, 'id' | 'occurredAt' | 'page' | 'consent' | 'automation'>
  defaults: TagsInput
  /** Of the page's URL. */
  pageTags: Tags
  /** Oldest first; asked for a conversion only. */
  touches(): Touch[]
}

/** A number that JSON does not know would vanish and leave a purchase without value: as text the collector refuses it and says so. */
const amount = (value: unknown) => (Number.isFinite(value) ? value : toTag(value))

/**
 * The event as it goes on the wire, within the limits of `wire.ts`.
 *
 * Tags given beat the defaults, and both beat the URL. The URL's tags describe its own campaign, so an ad takes them only when it names that
 * campaign or none; a conversion takes none of them, its touches say where it came from. An event that is too large gives up what no bill
 * rests on first: items, touches, labels. Throws TypeError when an order or lead id is missing or too long: cut, two could become one.
 */
export function buildEvent(type: EventType, given: Given, { base, defaults, pageTags, touches }: Surroundings): PageEvent {
  const isAd = EVENT_TYPES.indexOf(type) < 2
  const own = joinTags(given, defaults)
  const { items, view, test } = given
  const identify = (name: 'orderId' | 'leadId') => {
    const id = toTag(given[name])
    if (id ? id.length > LIMITS.orderIdLength : type === 'purchase' && name === 'orderId') misuse(`${type} needs ${name}, 1-64 characters`)
    return id
  }
  const event = {
    ...base,
    ...(isAd && (own.campaign ?? pageTags.campaign) === pageTags.campaign ? joinTags(own, pageTags) : own),
    type,
    orderId: identify('orderId'),
    leadId: identify('leadId'),
    value: amount(given.value),
    currency: toTag(given.currency),
    items: items?.slice(0, LIMITS.items).map(({ id, name, price, quantity }) => ({
      id: toTag(id),
      name: toTag(name),
      price: amount(price),
      quantity: amount(quantity),
    })),
    view,
    test,
  } as PageEvent
  if (given.isExposure) delete event.campaign
  const journey = isAd ? [] : touches()
  if (journey[0]) event.touches = journey
  const isTooLarge = () => byteLength(stringify(event)) > LIMITS.eventBytes
  if (isTooLarge()) {
    delete event.items
    while (journey[1] && isTooLarge()) dropTouch(journey)
    for (const name of ['segment', 'variant'] as const) if (isTooLarge()) delete event[name]
  }
  return event
}
