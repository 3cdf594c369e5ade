import type { ParsedEvent, Touch } from '../../sdk/wire.ts'
import type { Terms } from '../money/terms.ts'
import { presentState } from '../store/present.ts'
import type { Evidence, LedgerEvent, Witness } from '../store/store.ts'
import type { Agent } from './agentOf.ts'
import { attribute, type Credit, type Windows } from './attribute.ts'
import { correctTime, MAX_AGE_MS } from './correctTime.ts'
import { holdUnder } from './holdUnder.ts'
import { isViewable } from './isViewable.ts'
import { type Circumstances, verdictOf } from './verdict.ts'

/** What a request says about every event in it. */
export interface Envelope extends Circumstances {
  site: string
  sentAt: number | undefined
  receivedAt: number
  witness: Exclude<Witness, 'both'>
  windowsAt: (campaign: string, at: number) => Windows
  /** The terms of a campaign in force at an instant (ms), undefined when there are none. */
  termsAt: (campaign: string, at: number) => Terms | undefined
}

/** Assigns what is there, field by field: this runs once per event. */
function evidenceOf(
  event: ParsedEvent,
  { touches, credit, clockAhead }: { touches: Touch[] | undefined; credit: Credit | null; clockAhead: boolean },
): Evidence {
  const { orderId, leadId, clickId, items, view, page } = event
  const evidence: Evidence = {}
  if (orderId !== undefined) evidence.orderId = orderId
  if (leadId !== undefined) evidence.leadId = leadId
  if (clickId !== undefined) evidence.clickId = clickId
  if (items !== undefined) evidence.items = items
  if (view !== undefined) evidence.view = view
  if (page !== undefined) evidence.page = page
  if (touches !== undefined) evidence.touches = touches
  if (clockAhead) evidence.clockAhead = true
  if (credit) {
    const { type, id } = credit.touch
    evidence.credit = {
      from: type,
      at: credit.at,
      ...(id !== undefined && { touchId: id }),
      ...(event.campaign !== undefined && { named: true }),
    }
  }
  return evidence
}

const TAG_FIELDS = ['placement', 'source', 'medium', 'content', 'term'] as const

/** The event's own tags, then those of the touch that got the credit, then the device. */
function tagsOf(event: ParsedEvent, { credit, agent }: { credit: Credit | null; agent: Agent }): LedgerEvent['tags'] {
  const tags: LedgerEvent['tags'] = {}
  for (const key of TAG_FIELDS) {
    const value = event[key] ?? credit?.touch[key]
    if (value !== undefined) tags[key] = value
  }
  if (agent.device !== undefined) tags.device = agent.device
  if (event.consent !== undefined) tags.consent = event.consent
  if (event.segment !== undefined) tags.segment = event.segment
  if (event.variant !== undefined) tags.variant = event.variant
  return tags
}

/**
 * What goes into the ledger for an event: its time by our clock, its verdict, its campaign and the evidence for each.
 *
 * Returns null when it is older than its sender may report.
 */
export function ledgerEvent(event: ParsedEvent, envelope: Envelope): LedgerEvent | null {
  const { site, sentAt, receivedAt, agent, witness, windowsAt } = envelope
  const { occurredAt, clockAhead, offsetMs } = correctTime({ occurredAt: event.occurredAt, sentAt, receivedAt })
  if (receivedAt - occurredAt > MAX_AGE_MS[witness]) return null
  // Only a conversion is credited to a touch; the touches' clock is the event's.
  const isConversion = event.type === 'signup' || event.type === 'purchase'
  const touches = isConversion ? event.touches?.map((touch) => ({ ...touch, at: touch.at + offsetMs })) : undefined
  const credit = touches ? attribute(touches, { occurredAt, named: event.campaign, windowsAt }) : null
  const entry: LedgerEvent = {
    id: event.id,
    type: event.type,
    site,
    campaign: event.campaign ?? credit?.touch.campaign ?? '',
    occurredAt,
    receivedAt,
    verdict: verdictOf(event, envelope),
    witness,
    tags: tagsOf(event, { credit, agent }),
    viewable: event.type === 'impression' && isViewable(event.view),
    evidence: evidenceOf(event, { touches, credit, clockAhead }),
  }
  if (event.valueMinor !== undefined) entry.valueMinor = event.valueMinor
  if (event.currency !== undefined) entry.currency = event.currency
  if (!isConversion || entry.verdict !== 'counted') return entry
  Object.assign(entry.evidence, holdUnder(envelope.termsAt(entry.campaign, occurredAt), entry))
  return presentState(entry)
}
