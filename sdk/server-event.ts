import { TallymarkError } from './server-error.ts'
import { joinTags, type TagsInput } from './tags.ts'
import { type EventType, type Item, parseEvent, type Touch, WireError, type WireEvent } from './wire.ts'

/** Tags of one event, and what a server may know of it besides. */
export interface ServerEventInput extends TagsInput {
  /** A UUID of version 7, when the caller keeps one for retries of its own; made unless given. */
  id?: string
  /** When it happened: ms since the epoch or ISO 8601 with an offset. Now unless given; up to 90 days ago. */
  occurredAt?: number | string
  /** `tm_click` of the visit that led to it: with it the click has the credit. */
  clickId?: string | undefined
  touches?: Touch[] | undefined
  test?: boolean | undefined
}

export interface ServerSignupInput extends ServerEventInput {
  /** The signup's number at the advertiser, 1-64 characters: the same lead counts once, whoever reports it. */
  leadId?: string | number | undefined
}

export interface ServerPurchaseInput extends ServerEventInput {
  /** The shop's number of the order, 1-64 characters: the same order counts once, whoever reports it. */
  orderId: string | number
  /** A decimal string like `"499.00"`, or a number. */
  value?: string | number | undefined
  /** ISO 4217, like `"NOK"`; needed with a value. */
  currency?: string | undefined
  /** At most 64. */
  items?: readonly Item[] | undefined
}

const text = (value: unknown) => (typeof value === 'number' ? String(value) : value)

/** The event as it goes on the wire. Throws TallymarkError `misuse` with the field that the collector would refuse. */
export function serverEvent(
  type: EventType,
  { id, occurredAt, ...given }: Partial<ServerPurchaseInput & ServerSignupInput>,
  made: { id: string; now: number },
): WireEvent {
  const { orderId, leadId, value, currency, items, clickId, touches, test } = given
  const event = {
    id: id ?? made.id,
    type,
    occurredAt: occurredAt ?? made.now,
    ...joinTags(given),
    orderId: text(orderId),
    leadId: text(leadId),
    value,
    currency,
    items,
    clickId,
    touches,
    test,
  } as WireEvent
  if (type === 'purchase' && !event.orderId) throw new TallymarkError('misuse', 'purchase needs an orderId')
  try {
    parseEvent(event)
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause
    throw new TallymarkError('misuse', `${type}: ${cause.message}`, { cause })
  }
  return event
}
