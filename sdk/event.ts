import { misuse } from './misuse.ts'
import { joinTags, type TagsInput, toTag } from './tags.ts'
import { type Consent, type EventType, type Item, LIMITS, type Tags, type Touch, type View, type WireEvent } from './wire.ts'

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
}

/** What the page knows when an event happens. */
export interface Surroundings {
  id: string
  now: number
  page: string
  consent: Consent
  automation: boolean | undefined
  defaults: Tags
  url: Tags
  /** As the journey keeps them: what is worth least first. */
  touches: Touch[]
}

/** Bytes of `value` as JSON in UTF-8, which is how the collector measures it. */
export const byteLength = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

/**
 * The event as it goes on the wire, within the limits of `wire.ts`.
 *
 * Tags given beat the defaults, and both beat the URL. The URL's tags describe its own campaign, so an ad takes them only when it names that
 * campaign or none; a conversion takes none of them, its touches say where it came from. An event that is too large gives up what no bill
 * rests on first: items, older touches, labels. Throws TypeError when an order or lead id is missing or too long: cut, two could become one.
 */
export function buildEvent(type: EventType, given: Given, around: Surroundings): PageEvent {
  const { url, touches } = around
  const isAd = type === 'impression' || type === 'click'
  const own = joinTags(given, around.defaults)
  const orderId = toTag(given.orderId)
  const leadId = toTag(given.leadId)
  if (type === 'purchase' && !orderId) misuse('purchase needs an orderId')
  for (const id of [orderId, leadId]) if (id && id.length > LIMITS.orderIdLength) misuse(`${type}: id over 64 characters`)
  const event = {
    id: given.id ?? around.id,
    type,
    occurredAt: given.occurredAt ?? around.now,
    ...(isAd && (own.campaign ?? url.campaign) === url.campaign ? joinTags(own, url) : own),
    orderId,
    leadId,
    // A number that JSON does not know would vanish and leave a purchase without value: as text the collector refuses it and says so.
    value: Number.isFinite(given.value) ? given.value : toTag(given.value),
    currency: toTag(given.currency),
    items: given.items
      ?.slice(0, LIMITS.items)
      .map(({ id, name, price, quantity }) => ({ id: toTag(id), name: toTag(name), price, quantity })),
    view: given.view,
    page: around.page.slice(0, LIMITS.pageLength),
    consent: around.consent,
    automation: around.automation,
    test: given.test,
  } as PageEvent
  if (!isAd && touches[0]) event.touches = [...touches]
  const last = event.touches?.[touches.length - 1]
  if (last?.type === 'click') event.clickId = last.id as string
  const isTooLarge = () => byteLength(event) > LIMITS.eventBytes
  if (isTooLarge()) delete event.items
  while (event.touches?.[1] && isTooLarge()) event.touches.shift()
  event.touches?.sort((a, b) => a.at - b.at)
  if (isTooLarge()) delete event.segment
  if (isTooLarge()) delete event.variant
  return event
}
