/**
 * The wire format, version 1: the one thing that page and collector share.
 *
 * Types and limits for both sides, the parser for the collector (the bundler drops it from the script).
 * Imports nothing and knows neither DOM nor Node.
 */

export const EVENT_TYPES = ['impression', 'click', 'signup', 'purchase'] as const
export type EventType = (typeof EVENT_TYPES)[number]

export const CONSENTS = ['granted', 'denied', 'pending'] as const
export type Consent = (typeof CONSENTS)[number]

/** Bounds of version 1. Sizes in bytes of UTF-8, lengths in characters (code points). */
export const LIMITS = {
  bodyBytes: 65_536, // also the quota that sendBeacon and fetch(keepalive) share per page
  eventBytes: 8_192,
  eventsFromBrowser: 100,
  eventsFromServer: 1_000,
  tagLength: 128,
  orderIdLength: 64, // Google's bound for a transaction id
  pageLength: 1_024,
  segmentKeys: 16,
  touches: 20,
  items: 64,
  vitals: 20,
  /** Exclusive, in major units. Below it a double still resolves the 1e-6 that a JSON number may be off. */
  value: 1_000_000_000,
} as const

/** Of a request from a server: a thousand orders of an ordinary size. Apart from what the script carries. */
export const SERVER_BODY_BYTES = 1_048_576

/** One contact of this visitor with a campaign. `at` is the client's clock, ms since the epoch. */
export interface Touch {
  type: 'impression' | 'click'
  campaign: string
  at: number
  id?: string
  placement?: string
  source?: string
  medium?: string
  content?: string
  term?: string
}

/** `price` is per piece, a decimal string (or number) in the event's currency. */
export interface Item {
  id: string
  name?: string
  price?: string | number
  quantity?: number
}

/** Evidence of an impression: share of its pixels in view (0..1), longest continuous time at or above the threshold (ms), area (CSS px²). */
export interface View {
  ratio: number
  ms: number
  area: number
}

/** Tags that say where a result came from. Each 1-128 characters. */
export interface Tags {
  campaign?: string
  placement?: string
  source?: string
  medium?: string
  content?: string
  term?: string
  segment?: Record<string, string>
  variant?: Record<string, string>
}

/** An event as a page or server sends it. `occurredAt` is the client's clock, ms since the epoch (or ISO 8601 with an offset). */
export interface WireEvent extends Tags {
  id: string
  type: EventType
  occurredAt: number | string
  clickId?: string
  touches?: Touch[]
  orderId?: string
  leadId?: string
  value?: string | number
  currency?: string
  items?: Item[]
  view?: View
  page?: string
  consent?: Consent
  /** `navigator.webdriver` was true. */
  automation?: boolean
  test?: boolean
}

/** Web vitals by name, with the bounds of `good` and `needs-improvement` (https://web.dev/articles/vitals), in ms; CLS has no unit. */
export const VITALS = { LCP: [2_500, 4_000], INP: [200, 500], CLS: [0.1, 0.25], FCP: [1_800, 3_000], TTFB: [800, 1_800] } as const
export type VitalName = keyof typeof VITALS
export type Rating = 'good' | 'needs-improvement' | 'poor'

/**
 * How fast one page view was. `value` is in ms, of CLS without unit. The same `id` may come again with a later value, which replaces the one before: INP and CLS grow while
 * the page is used.
 */
export interface WireVital extends Pick<WireEvent, 'id' | 'occurredAt' | 'page' | 'consent' | 'automation' | 'test'> {
  name: VitalName
  value: number
  /** Of the URL by which the page was reached. */
  campaign?: string
  source?: string
  medium?: string
  content?: string
  term?: string
}

/** One vital, checked. */
export interface ParsedVital {
  id: string
  name: VitalName
  value: number
  rating: Rating
  occurredAt: number
  campaign: string | undefined
  page: string | undefined
  automation: true | undefined
  test: true | undefined
}

/**
 * `sentAt` is stamped anew at each attempt, by the same clock as `occurredAt`. `common` holds fields that all events of the batch have alike: any but `id`;
 * a field of an event beats it.
 */
export interface WireBatch {
  site: string
  sentAt?: number
  common?: Partial<Omit<WireEvent, 'id'>>
  /** May be empty when there are vitals. */
  events: WireEvent[]
  /** At most 20. */
  vitals?: WireVital[]
}

export interface ParsedItem {
  id: string
  name?: string
  priceMinor?: number
  quantity: number
}

/** One event, checked: money as integer minor units, times as ms, ids in lower case. Every field is there, undefined where the event has none. */
export interface ParsedEvent {
  id: string
  type: EventType
  occurredAt: number
  campaign: string | undefined
  placement: string | undefined
  source: string | undefined
  medium: string | undefined
  content: string | undefined
  term: string | undefined
  segment: Record<string, string> | undefined
  variant: Record<string, string> | undefined
  clickId: string | undefined
  orderId: string | undefined
  leadId: string | undefined
  currency: string | undefined
  valueMinor: number | undefined
  items: ParsedItem[] | undefined
  touches: Touch[] | undefined
  view: View | undefined
  page: string | undefined
  consent: Consent | undefined
  automation: true | undefined
  test: true | undefined
}

export interface Rejection {
  index: number
  code: string
  field: string
  message: string
}

export interface ParsedBatch {
  site: string
  sentAt: number | undefined
  /** Sorted as sent; `index` is the position in the batch. */
  events: { index: number; event: ParsedEvent }[]
  /** The events as they were sent, each with what was common. */
  given: readonly unknown[]
  /** What cannot be read of them is left out: nothing is billed by a vital. */
  vitals: ParsedVital[]
  rejected: Rejection[]
}

/** The answer to a batch that was read. */
export interface Receipt {
  accepted: number
  duplicates: number
  rejected: Rejection[]
}

/** What is wrong with a value: which field, and what to do about it. */
export class WireError extends Error {
  readonly code: string
  readonly field: string
  constructor(code: string, field: string, message: string) {
    super(message)
    this.name = 'WireError'
    this.code = code
    this.field = field
  }
}

/** Ad networks by the parameter that they put on a landing URL. A page without `utm_source` gives that parameter as its source. */
export const NETWORKS: Readonly<Record<string, string>> = {
  gclid: 'google',
  gbraid: 'google',
  wbraid: 'google',
  dclid: 'google',
  fbclid: 'facebook',
  igshid: 'instagram',
  msclkid: 'bing',
  ttclid: 'tiktok',
  twclid: 'twitter',
  li_fat_id: 'linkedin',
  rdt_cid: 'reddit',
  epik: 'pinterest',
  qclid: 'quora',
  sccid: 'snapchat',
  irclid: 'impact',
  _kx: 'klaviyo',
}

type Bag = Record<string, unknown>

const fail = (field: string, message: string): never => {
  throw new WireError('invalid_event', field, `${field} ${message}`)
}

const FORBIDDEN_KEYS = ['__proto__', 'constructor', 'prototype'] as const

const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value)

function asBag(value: unknown, field: string): Bag {
  if (!isBag(value)) return fail(field, 'must be an object')
  // A forbidden key hides what a plain object inherits, which costs nothing to see; looking for the keys was a third of the parsing.
  const { constructor: made, prototype: none, __proto__: parent } = value
  if (made === Object && none === undefined && parent === Object.prototype) return value
  for (const key of FORBIDDEN_KEYS) {
    if (Object.hasOwn(value, key))
      throw new WireError('forbidden_key', `${field}.${key}`, `${field} must not have a key "${key}"; rename it`)
  }
  return value
}

/** Code points are only counted when UTF-16 units exceed the bound, which is rare. */
const longerThan = (value: string, max: number) => value.length > max && [...value].length > max

/** Text of 1 to `max` characters, undefined when there is none. Checks a value and not a key: a property read by a name that changes costs tenfold. */
function text(value: unknown, field: string, max: number = LIMITS.tagLength): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') return fail(field, 'must be a string')
  if (value === '' || longerThan(value, max)) return fail(field, `must be 1 to ${max} characters; leave it out when there is none`)
  return value
}

/** The tag `source`, in which a click id's parameter stands for its network. */
function sourceTag(value: unknown, field: string): string | undefined {
  const tag = text(value, field)
  const name = tag?.toLowerCase() ?? ''
  return Object.hasOwn(NETWORKS, name) ? NETWORKS[name] : tag
}

const required = (value: unknown, field: string): string => text(value, field) ?? fail(field, 'is missing')

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function uuid(value: unknown, field: string): string {
  const id = required(value, field)
  return UUID.test(id) ? id.toLowerCase() : fail(field, 'must be a UUID, version 7, made once for each event')
}

/** Milliseconds since the epoch, from a number or from ISO 8601 with an offset. */
export function parseTime(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= 8.64e15) return Math.round(value)
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(value)) {
    const ms = Date.parse(value)
    if (!Number.isNaN(ms)) return ms
  }
  return fail(field, 'must be milliseconds since 1970 or ISO 8601 with an offset, like 2026-11-23T12:00:00Z')
}

const exponents = new Map<string, number>()

/**
 * Digits after the decimal point of an ISO 4217 currency, or undefined for an unknown code.
 *
 * Source: `Intl.NumberFormat`, which carries the ISO 4217 table.
 */
export function currencyExponent(currency: string): number | undefined {
  if (exponents.size === 0) {
    for (const code of Intl.supportedValuesOf('currency')) {
      exponents.set(code, new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits ?? 2)
    }
  }
  return exponents.get(currency)
}

/** How far a JSON number may lie from an amount that the currency can represent, in major units. */
const MONEY_TOLERANCE = 1e-6

/**
 * Minor units of a decimal string or JSON number in `currency`, a safe integer at or above 0.
 *
 * Throws WireError for a negative, too large or unrepresentable amount, and for an unknown currency.
 */
export function parseMoney(value: unknown, currency: string | undefined, field: string, currencyField = 'currency'): number {
  if (currency === undefined) return fail(currencyField, `is missing; ${field} needs an ISO 4217 code like "NOK"`)
  const exponent = currencyExponent(currency)
  if (exponent === undefined) return fail(currencyField, `must be an ISO 4217 code like "NOK", not "${currency.slice(0, 16)}"`)
  const isDecimal = typeof value === 'string' && /^-?\d{1,24}(?:\.\d{1,24})?$/.test(value)
  if (!isDecimal && !(typeof value === 'number' && Number.isFinite(value))) return fail(field, 'must be a decimal string like "499.00"')
  const amount = Number(value)
  if (amount < 0) return fail(field, 'must not be negative; send a refund as an adjustment')
  if (amount >= LIMITS.value) return fail(field, `must be below ${LIMITS.value}`)
  const minor = Math.round(amount * 10 ** exponent)
  if (Math.abs(minor / 10 ** exponent - amount) > MONEY_TOLERANCE)
    return fail(field, `must have at most ${exponent} decimals in ${currency}`)
  return minor
}

function labels(value: unknown, field: string): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  const given = asBag(value, field)
  const names = Object.keys(given)
  if (names.length > LIMITS.segmentKeys) return fail(field, `must have at most ${LIMITS.segmentKeys} keys`)
  if (names.length === 0) return undefined
  const result: Record<string, string> = {}
  for (const name of names) {
    if (name === '' || longerThan(name, LIMITS.tagLength)) return fail(field, `must have keys of 1 to ${LIMITS.tagLength} characters`)
    const label = text(given[name], `${field}.${name}`)
    if (label !== undefined) result[name] = label
  }
  return result
}

function list(value: unknown, field: string, max: number): unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) return fail(field, 'must be a list')
  if (value.length > max) return fail(field, `must have at most ${max} entries`)
  return value.length === 0 ? undefined : value
}

function oneOf<T extends string>(value: unknown, field: string, allowed: readonly T[]): T | undefined {
  if (value === undefined || value === null) return undefined
  if (!allowed.includes(value as T)) return fail(field, `must be one of ${allowed.join(', ')}`)
  return value as T
}

function flag(value: unknown, field: string): true | undefined {
  if (value === undefined || value === null || value === false) return undefined
  return value === true ? true : fail(field, 'must be true or false')
}

/** A number within [0, max], cut (never rounded up) to whole `parts` of one; impossible evidence is refused rather than trusted. */
function measure(value: unknown, field: string, { max, parts = 1 }: { max: number; parts?: number }): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= max)) return fail(field, `must be a number from 0 to ${max}`)
  return Math.floor(value * parts) / parts
}

function parseView(value: unknown): View | undefined {
  if (value === undefined || value === null) return undefined
  const { ratio, ms, area } = asBag(value, 'view')
  return {
    ratio: measure(ratio, 'view.ratio', { max: 1, parts: 10_000 }),
    ms: measure(ms, 'view.ms', { max: 1e9 }),
    area: measure(area, 'view.area', { max: 1e9 }),
  }
}

function parseTouch(value: unknown, field: string): Touch {
  const bag = asBag(value, field)
  const touch: Touch = {
    type: oneOf(bag.type, `${field}.type`, ['impression', 'click']) ?? fail(`${field}.type`, 'is missing'),
    campaign: required(bag.campaign, `${field}.campaign`),
    at: parseTime(bag.at, `${field}.at`),
  }
  for (const key of ['id', 'placement', 'source', 'medium', 'content', 'term'] as const) {
    const tag = (key === 'source' ? sourceTag : text)(bag[key], `${field}.${key}`)
    if (tag !== undefined) touch[key] = tag
  }
  return touch
}

/** The page sends its touches oldest first. */
function lastClick(touches: Touch[] = []): string | undefined {
  let last: string | undefined
  for (const { type, id } of touches) if (type === 'click' && id !== undefined) last = id
  return last
}

function parseItem(value: unknown, field: string, currency: string | undefined): ParsedItem {
  const bag = asBag(value, field)
  const quantity = bag.quantity ?? 1
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 1e6)
    return fail(`${field}.quantity`, 'must be a whole number from 1 to 1000000')
  const item: ParsedItem = { id: required(bag.id, `${field}.id`), quantity }
  const name = text(bag.name, `${field}.name`)
  if (name !== undefined) item.name = name
  if (bag.price !== undefined && bag.price !== null) item.priceMinor = parseMoney(bag.price, currency, `${field}.price`)
  return item
}

function parseCurrency(value: unknown): string | undefined {
  const currency = text(value, 'currency')
  if (currency === undefined || currencyExponent(currency) !== undefined) return currency
  return fail('currency', `must be an ISO 4217 code like "NOK", not "${currency.slice(0, 16)}"`)
}

/**
 * One event of a batch, checked; unknown fields are left out (an older collector must take a newer script).
 *
 * Throws WireError naming the field, relative to the event: `items[0].price`.
 */
export function parseEvent(value: unknown): ParsedEvent {
  const bag = asBag(value, 'event')
  const currency = parseCurrency(bag.currency)
  const touches = list(bag.touches, 'touches', LIMITS.touches)?.map((touch, i) => parseTouch(touch, `touches[${i}]`))
  // Each field by its name and all of them always: objects of one shape, read by names that do not change, are what makes this quick.
  return {
    id: uuid(bag.id, 'id'),
    type: oneOf(bag.type, 'type', EVENT_TYPES) ?? fail('type', `is missing; it is one of ${EVENT_TYPES.join(', ')}`),
    occurredAt: parseTime(bag.occurredAt, 'occurredAt'),
    campaign: text(bag.campaign, 'campaign'),
    placement: text(bag.placement, 'placement'),
    source: sourceTag(bag.source, 'source'),
    medium: text(bag.medium, 'medium'),
    content: text(bag.content, 'content'),
    term: text(bag.term, 'term'),
    segment: labels(bag.segment, 'segment'),
    variant: labels(bag.variant, 'variant'),
    clickId: text(bag.clickId, 'clickId') ?? lastClick(touches),
    orderId: text(bag.orderId, 'orderId', LIMITS.orderIdLength),
    leadId: text(bag.leadId, 'leadId', LIMITS.orderIdLength),
    currency,
    valueMinor: bag.value === undefined || bag.value === null ? undefined : parseMoney(bag.value, currency, 'value'),
    items: list(bag.items, 'items', LIMITS.items)?.map((item, i) => parseItem(item, `items[${i}]`, currency)),
    touches,
    view: parseView(bag.view),
    page: text(bag.page, 'page', LIMITS.pageLength),
    consent: oneOf(bag.consent, 'consent', CONSENTS),
    automation: flag(bag.automation, 'automation'),
    test: flag(bag.test, 'test'),
  }
}

const rate = (name: VitalName, value: number): Rating =>
  value <= VITALS[name][0] ? 'good' : value <= VITALS[name][1] ? 'needs-improvement' : 'poor'

/** One vital of a batch, checked; its rating follows from its value. Throws WireError naming the field. */
export function parseVital(given: unknown): ParsedVital {
  const bag = asBag(given, 'vital')
  const name = oneOf(bag.name, 'name', Object.keys(VITALS) as VitalName[]) ?? fail('name', 'is missing')
  const { value } = bag
  if (typeof value !== 'number' || !(value >= 0 && value <= 1e9)) return fail('value', 'must be a number from 0 to 1000000000')
  return {
    id: uuid(bag.id, 'id'),
    name,
    value,
    rating: rate(name, value),
    occurredAt: parseTime(bag.occurredAt, 'occurredAt'),
    campaign: text(bag.campaign, 'campaign'),
    page: text(bag.page, 'page', LIMITS.pageLength),
    automation: flag(bag.automation, 'automation'),
    test: flag(bag.test, 'test'),
  }
}

function parseVitals(value: unknown): ParsedVital[] {
  return (list(value, 'vitals', LIMITS.vitals) ?? []).flatMap((vital) => {
    try {
      return parseVital(vital)
    } catch (error) {
      if (error instanceof WireError) return []
      throw error
    }
  })
}

const utf8Bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

/**
 * A batch, item by item: one bad event never takes its neighbours down.
 *
 * `body` is the parsed JSON, `bodyBytes` its size on the wire, `maxEvents` the bound for this kind of sender.
 * Throws WireError when the batch itself cannot be read: not an object, no site, no events, too many.
 */
export function parseBatch(body: unknown, { bodyBytes, maxEvents }: { bodyBytes: number; maxEvents: number }): ParsedBatch {
  const bag = asBag(body, 'body')
  const site = required(bag.site, 'site')
  const sentAt = bag.sentAt === undefined || bag.sentAt === null ? undefined : parseTime(bag.sentAt, 'sentAt')
  const vitals = parseVitals(bag.vitals)
  const given = bag.events
  if (!Array.isArray(given)) return fail('events', 'must be a list of events')
  if (given.length === 0 && !vitals[0]) throw new WireError('empty_batch', 'events', 'events must have at least one entry')
  if (given.length > maxEvents)
    throw new WireError('batch_too_large', 'events', `events must have at most ${maxEvents} entries; send the rest in another request`)
  const common = bag.common === undefined || bag.common === null ? undefined : asBag(bag.common, 'common')
  if (common && Object.hasOwn(common, 'id')) return fail('common.id', 'must not be common; each event has an id of its own')
  // What is no object, or has a key that is refused, stays as it is: its own check says why.
  const whole = common ? given.map((event) => (isBag(event) ? { ...common, ...event } : event)) : given
  const batch: ParsedBatch = { site, sentAt, events: [], given: whole, vitals, rejected: [] }
  whole.forEach((value: unknown, index) => {
    try {
      // No event of a small body can be over the limit, so most are never measured.
      if (bodyBytes > LIMITS.eventBytes && utf8Bytes(value) > LIMITS.eventBytes) {
        throw new WireError('too_large', 'event', `event must be at most ${LIMITS.eventBytes} bytes`)
      }
      batch.events.push({ index, event: parseEvent(value) })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      batch.rejected.push({ index, code: error.code, field: error.field, message: error.message })
    }
  })
  return batch
}
