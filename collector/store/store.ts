import type { Consent, EventType, ParsedItem, Tags, Touch, View } from '../../sdk/wire.ts'
import type { Vital, VitalsQuery, VitalsRow } from './vitals.ts'

/** Why an event is counted, or is not. Closed list. */
export const VERDICTS = [
  'counted',
  'test',
  'bot',
  'automation',
  'prefetch',
  'double_click',
  'repeat_click',
  'rate',
  'reversed',
  'pending',
] as const
export type Verdict = (typeof VERDICTS)[number]

/** What a server of the site says became of a conversion, and what Tallymark itself does in the course of time. */
export const ACTIONS = ['refund', 'cancel', 'restate', 'approve', 'reject', 'mature', 'judge'] as const
export type Action = (typeof ACTIONS)[number]

/** One correction of a conversion. It is kept with the event, whose state follows from what was reported and all corrections. */
export interface Adjustment {
  /** Counts once per site: the sender's, or `mature` and `judge:VERSION` for our own. */
  id: string
  /** `mature`: the validation period has passed. `judge`: terms that were posted later hold it, or let it go. */
  action: Action
  /** When it happened, ms. */
  at: number
  /** Of a refund, the part that was paid back (all of it when absent); of a restatement, the new value. Minor units. */
  valueMinor?: number
  /** Of a judgement: what takes the place of the event's own `dueAt` and `awaits`. */
  hold?: Hold
}

/** What keeps a conversion pending. */
export interface Hold {
  /** Its validation period ends then, ms. */
  dueAt?: number
  /** It pays only once a server has confirmed it. */
  awaits?: 'server'
}

export const WITNESSES = ['browser', 'server', 'both'] as const
export type Witness = (typeof WITNESSES)[number]

/** What else is known of an event: kept whole in the ledger, never part of totals. */
export interface Evidence extends Hold {
  orderId?: string
  leadId?: string
  clickId?: string
  touches?: Touch[]
  items?: ParsedItem[]
  view?: View
  page?: string
  /** Of a click: key of the visitor, for limits on clicks; changes every day. */
  visitor?: string
  /** The client's clock ran ahead, so the time of receipt stands in for `occurredAt`. */
  clockAhead?: true
  /** The touch that got the credit for a conversion. `named`: the page or server had named its campaign. Absent when no touch had a claim. */
  credit?: { from: 'click' | 'impression'; touchId?: string; at: number; named?: true }
  /** Later reports of the same event that said something else. The first, or the server's, stands. */
  conflicts?: { field: 'value' | 'campaign'; said: string; by: Witness; at: number }[]
  /** In the order in which they came. */
  adjustments?: Adjustment[]
  /** What was reported, before adjustments; there when these are. */
  reported?: { verdict: Verdict; valueMinor?: number }
}

/** An event with its verdict, as the ledger holds it. Times are ms since the epoch by the collector's clock. */
export interface LedgerEvent {
  id: string
  type: EventType
  site: string
  /** '' when no campaign gets the credit. */
  campaign: string
  occurredAt: number
  receivedAt: number
  verdict: Verdict
  witness: Witness
  /** Tags but the campaign. */
  tags: Omit<Tags, 'campaign'> & { device?: string; consent?: Consent }
  /** Only for impressions: the evidence makes it a viewable one. */
  viewable: boolean
  valueMinor?: number
  currency?: string
  evidence: Evidence
}

export interface LedgerRow extends LedgerEvent {
  /** Position in the ledger, ascending in the order of commits. */
  seq: number
  /** The row whose state this one replaces: a later report enriched the same event. */
  replaces?: number
}

/** `placement`, `segment.plan`, `variant.headline`, … and `verdict`, whose values are the reasons of what was not counted. */
export type Dimension =
  | 'placement'
  | 'source'
  | 'medium'
  | 'content'
  | 'term'
  | 'device'
  | 'consent'
  | 'witness'
  | 'verdict'
  | `segment.${string}`
  | `variant.${string}`

export interface TotalsQuery {
  campaign: string
  /** Ascending instants, ms. Totals are given for each half-open interval between neighbours. */
  edges: number[]
  /** None: one row per (interval, site, type, currency). More than one is answered from the ledger, so its cost grows with the events. */
  dimensions: Dimension[]
}

/** A sum over counted events (over uncounted ones where a dimension is `verdict`). Only rows with count > 0 exist. */
export interface TotalsRow {
  /** Index of the interval: from `edges[interval]` to `edges[interval + 1]`. */
  interval: number
  site: string
  type: EventType
  /** In the order asked; null where an event has none of it. */
  values: (string | null)[]
  /** Of `valueMinor`; null when the events carry no value. */
  currency: string | null
  count: number
  viewable: number
  valueMinor: bigint
}

export type ConfigKind = 'site' | 'campaign' | 'terms' | 'key' | 'secret' | 'closing' | 'spend' | 'rates' | 'alert' | 'webhook' | 'delivery'

/** One version of one thing configured. The log is append-only: the last version of (kind, id) holds; for terms, spend and rates all of them. */
export interface ConfigVersion {
  kind: ConfigKind
  id: string
  at: number
  value: unknown
}

/** What became of an entry handed to `append`. `conflict`: a duplicate by which a server says something else than what stands. */
export type Outcome = 'accepted' | 'duplicate' | 'conflict' | 'failed'

/** An event that did not parse or may not be reported: kept with the reason, within bounds, so that it can be looked into and replayed. */
export interface FailedEvent {
  /** '' when the site is not known. */
  site: string
  code: string
  field: string
  /** ms since the epoch. */
  receivedAt: number
  /** The event as JSON text, cut to 8 KiB; '' when it was none. */
  body: string
}

/** How many events came, and what became of each: received = counted + not counted + duplicates + failed, at every moment. */
export interface Counters {
  received: number
  counted: number
  notCounted: Partial<Record<Verdict, number>>
  duplicates: number
  failed: Record<string, number>
}

/** A correction on its way in: which conversion of which site, and what became of it. */
export interface AdjustmentRequest {
  site: string
  /** The order of a purchase, or the lead of a signup. */
  order: { orderId: string } | { leadId: string }
  id: string
  action: Exclude<Action, 'mature' | 'judge'>
  /** When it happened, ms. */
  at: number
  /** A decimal string or a number, in the currency of the event. */
  value?: string | number | undefined
  /** Must be the event's own where both are known. */
  currency?: string | undefined
}

/** What became of a correction: taken (with the event's new state), known already, or refused with the reason. */
export type AdjustmentOutcome =
  | { outcome: 'accepted' | 'duplicate'; event: LedgerEvent }
  | { outcome: 'refused'; code: RefusedAdjustment; field: string; message: string }

export type RefusedAdjustment = 'not_found' | 'id_conflict' | 'already_reversed' | 'over_value' | 'invalid_value' | 'too_many'

/** Told, on long work, how many rows of the ledger are done of how many. */
export type Progress = (done: number, total: number) => void

/** One number that is not what the ledger says. */
export interface Difference {
  /** Where it stands, in words: `totals spring placement=top 2026-11-24T12:00Z shop click`. */
  where: string
  stored: string
  /** By the ledger. */
  expected: string
}

/** Where a page of the ledger ended, by time of the event and position. */
export interface PageEnd {
  at: number
  seq: number
}

/**
 * Where events and configuration live.
 *
 * Backends count; money is worked out by one file above them. Every method rejects with StoreError when the store cannot serve.
 */
export interface Store {
  /**
   * Adds events to the ledger and their totals, each id once for ever, and failed ones to their own list.
   *
   * Resolves, with one outcome per event in the order given and one per failed event after them, only after the commit that holds all of them is durable.
   */
  append(events: LedgerEvent[], failed?: FailedEvent[]): Promise<Outcome[]>
  /**
   * Corrects conversions, each correction once for ever, in the order given; `now` (ms) is when they came. Resolves, with one outcome each, when all are
   * durable.
   */
  adjust(requests: AdjustmentRequest[], now: number): Promise<AdjustmentOutcome[]>
  /** Lets go of conversions whose validation period has passed by `now` (ms), at most `limit`; resolves with how many there were. */
  mature(now: number, limit: number): Promise<number>
  /** Judges the conversions of a campaign anew that occurred since an instant (ms), as `hold` says for each; resolves with how many changed. */
  rejudge(options: { campaign: string; since: number; id: string; now: number; hold: (event: LedgerEvent) => Hold }): Promise<number>
  /** Conversions of a campaign in their present state of which a correction happened since an instant (ms). What retention took is not among them. */
  adjusted(query: { campaign: string; since: number }): Promise<LedgerEvent[]>
  /** True while so much is waiting that `append` would reject with `overloaded`. */
  isFull(): boolean
  counters(): Promise<Counters>
  /** Failed events from after `afterSeq` on, oldest first, at most `limit`. */
  failed(page: { afterSeq: number; limit: number }): Promise<(FailedEvent & { seq: number })[]>
  /** Takes failed events from the list; what they were counted as stays. */
  dropFailed(seqs: number[]): Promise<void>
  /** Keeps how fast page views were; resolves when it is durable. The same id again, within two days, takes the place of the one before. */
  appendVitals(vitals: Vital[]): Promise<void>
  /** How fast page views of a campaign were, counted by value. */
  vitals(query: VitalsQuery): Promise<VitalsRow[]>
  /** Exact totals of counted events between any instants. */
  totals(query: TotalsQuery): Promise<TotalsRow[]>
  /** When the first event of a campaign occurred (ms), undefined when it has none. After retention, the start of its quarter of an hour. */
  firstAt(campaign: string): Promise<number | undefined>
  /** Every campaign that has events, '' among them when some have none. */
  campaigns(): Promise<string[]>
  /** The last position in the ledger, 0 when it is empty. */
  ledgerEnd(): Promise<number>
  /** The ledger from after `afterSeq` on, in its order, at most `limit` rows. */
  ledger(page: { afterSeq: number; limit: number }): Promise<LedgerRow[]>
  /** Clicks of late that were received since an instant (ms), oldest first: at least those among the last 200,000 rows of the ledger. */
  clicksSince(at: number): Promise<LedgerEvent[]>
  /** The salt of a day (number of days since the epoch), made where missing; those of days before the last go for good. */
  salt(day: number): Promise<Uint8Array>
  /** The configuration log, oldest first, without the first `known` versions. */
  config(known?: number): Promise<ConfigVersion[]>
  /** An event in its present state, by its id (lower case). */
  event(id: string): Promise<LedgerEvent | undefined>
  /** The rows of an event in the ledger, oldest first, at most the last 200; none when no event has the id. */
  history(id: string): Promise<LedgerRow[]>
  /** The counted event of each site with an order or lead; where no site has one, events that do not count among the last 200,000 rows. At most 10. */
  findConversions(named: { sites: string[]; kind: 'order' | 'lead'; key: string }): Promise<{ id: string; site: string }[]>
  /**
   * Counted events of a campaign, of some types, that occurred in a half-open range (ms), in their present state, ascending by time: those among some thousand of
   * its events. Read on `after` what `next` says, until there is none; a page may be empty.
   */
  countedEvents(page: {
    campaign: string
    types: EventType[]
    from: number
    to: number
    after?: PageEnd
  }): Promise<{ events: LedgerEvent[]; next?: PageEnd }>
  /** Adds a version; resolves when it is durable. */
  putConfig(version: ConfigVersion): Promise<void>
  /** Works everything out again from the ledger and gives what differs, at most 100: none when all is well. Changes nothing. */
  verify(progress?: Progress): Promise<Difference[]>
  /** Makes the totals anew from the ledger while events keep coming in; goes on where an earlier run was stopped. */
  rebuild(progress?: Progress): Promise<void>
  /**
   * Takes events out of the ledger whose last report was received before an instant (ms), and failed ones of before; resolves with the number of the former.
   *
   * Totals stay as they are, also of any interval whose edges are quarters of an hour or among `cuts` (ms), and the ids go on counting once. An event's
   * details are gone: a later report of it is a duplicate that changes nothing. Does nothing while a rebuild is under way.
   */
  prune(options: { before: number; cuts?: number[] }): Promise<number>
  /** The last position in the ledger that a rebuild has taken which was stopped, 0 when there is none. */
  rebuiltUpTo(): Promise<number>
  /** Writes the store as it is at one moment into a new file, while it is used. Rejects when there is a file. */
  backup(path: string): Promise<void>
  /** Resolves when the store can take events now. */
  ready(): Promise<void>
  /** Commits what was handed over, then lets go of everything. */
  close(): Promise<void>
}

/** The store cannot serve now. `overloaded`: too much is waiting; `store_unavailable`: disk, lock or file trouble. */
export class StoreError extends Error {
  readonly code: 'overloaded' | 'store_unavailable'
  constructor(code: 'overloaded' | 'store_unavailable', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.code = code
  }
}
