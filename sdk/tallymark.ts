import type { Capture } from './recorder.ts'
import type { TagsInput } from './tags.ts'
import type { Consent, Item } from './wire.ts'

export interface Options extends TagsInput {
  /** The site's id at the collector, 1-128 characters. */
  site: string
  /** Where the collector is, like `https://t.example`. */
  endpoint: string
  /** For every event that names none itself. */
  campaign?: TagsInput['campaign']
  /** On every event; an event's own labels beat these. */
  segment?: TagsInput['segment']
  /** Default `granted`. With `pending` or `denied` nothing is stored on the device. */
  consent?: Consent | undefined
  /** What is recorded without a call: any of `landings`, `impressions`, `clicks`, `signups`, `consentMode`. Default: nothing. */
  auto?: readonly Capture[] | undefined
  /** Tells each event's story on the console. */
  debug?: boolean | undefined
}

/** Tags of one event, and `test: true` for one that must not count. */
export interface EventInput extends TagsInput {
  test?: boolean | undefined
}

export interface SignupInput extends EventInput {
  /** The signup's number at the advertiser, 1-64 characters: the same lead counts once, whoever reports it. */
  leadId?: string | number | undefined
}

export interface PurchaseInput extends EventInput {
  /** The shop's number of the order, 1-64 characters: the same order counts once, whoever reports it. */
  orderId: string | number
  /** A decimal string like `"499.00"`, or a number. */
  value?: string | number | undefined
  /** ISO 4217, like `"NOK"`; needed with a value. */
  currency?: string | undefined
  /** At most 64. */
  items?: readonly Item[] | undefined
}

/** Measures one site on one page. On a server every call does nothing. */
export interface Tallymark {
  impression(tags?: EventInput): void
  click(tags?: EventInput): void
  signup(input?: SignupInput): void
  purchase(input: PurchaseInput): void
  /** Lays `tags` on every event from now on. */
  tag(tags: TagsInput): void
  /**
   * The visitor's arm of experiment `name`, drawn by weight once and kept; later events carry it as a tag. Drawn in the same task, so that nothing flickers.
   *
   * Throws TypeError when no weight is over 0. On a server: the first arm.
   */
  variant<Arm extends string>(name: string, weights: Readonly<Record<Arm, number>>): Arm
  /** What the visitor decided. `granted` stores what memory holds, `denied` removes all that is stored. */
  consent(state: Consent): void
  /** Sends now. Resolves when nothing is queued or an attempt has failed; never rejects. */
  flush(): Promise<void>
}
