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

export const WITNESSES = ['browser', 'server', 'both'] as const
export type Witness = (typeof WITNESSES)[number]

/** What else is known of an event: kept whole in the ledger, never part of totals. */
export interface Evidence {
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
  /** How the campaign of a conversion was found; absent when the page named it. */
  credit?: { from: 'click' | 'impression'; touchId?: string; at: number }
  /** Later reports of the same event that said something else. The first, or the server's, stands. */
  conflicts?: { field: 'value' | 'campaign'; said: string; by: Witness; at: number }[]
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

export type ConfigKind = 'site' | 'campaign' | 'terms' | 'key' | 'secret' | 'alert' | 'webhook' | 'delivery'

/** One version of one thing configured. The log is append-only: the last version of (kind, id) holds; for terms all of them. */
export interface ConfigVersion {
  kind: ConfigKind
  id: string
  at: number
  value: unknown
}

/** What became of an entry handed to `append`. */
export type Outcome = 'accepted' | 'duplicate' | 'failed'

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
