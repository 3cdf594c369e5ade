import type { ParsedEvent, Touch } from '../../sdk/wire.ts'
import type { Evidence, LedgerEvent, Witness } from '../store/store.ts'
import type { Agent } from './agentOf.ts'
import { attribute, type Credit, type Windows } from './attribute.ts'
import { correctTime, MAX_AGE_MS } from './correctTime.ts'
import { isViewable } from './isViewable.ts'
import { type Circumstances, verdictOf } from './verdict.ts'

/** What a request says about every event in it. */
export interface Envelope extends Circumstances {
  site: string
  sentAt: number | undefined
  receivedAt: number
  witness: Exclude<Witness, 'both'>
  windowsAt: (campaign: string, at: number) => Windows
}

const EVIDENCE_FIELDS = ['orderId', 'leadId', 'clickId', 'items', 'view', 'page'] as const
const TAG_FIELDS = ['placement', 'source', 'medium', 'content', 'term'] as const

function evidenceOf(
  event: ParsedEvent,
  { touches, credit, clockAhead }: { touches: Touch[]; credit: Credit | null; clockAhead: boolean },
): Evidence {
  const evidence: Evidence = {}
  for (const key of EVIDENCE_FIELDS) if (event[key] !== undefined) Object.assign(evidence, { [key]: event[key] })
  if (touches.length > 0) evidence.touches = touches
  if (clockAhead) evidence.clockAhead = true
  if (credit)
    evidence.credit = { from: credit.touch.type, at: credit.at, ...(credit.touch.id !== undefined && { touchId: credit.touch.id }) }
  return evidence
}

/** The event's own tags, then those of the touch that got the credit, then the device. */
function tagsOf(event: ParsedEvent, { credit, agent }: { credit: Credit | null; agent: Agent }): LedgerEvent['tags'] {
  const tags: LedgerEvent['tags'] = {}
  for (const key of TAG_FIELDS) {
    const value = event[key] ?? credit?.touch[key]
    if (value !== undefined) tags[key] = value
  }
  if (agent.device) tags.device = agent.device
  for (const key of ['consent', 'segment', 'variant'] as const) if (event[key] !== undefined) Object.assign(tags, { [key]: event[key] })
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
  const isConversion = event.type === 'signup' || event.type === 'purchase'
  const touches = isConversion ? (event.touches ?? []).map((touch) => ({ ...touch, at: touch.at + offsetMs })) : []
  const credit = attribute(touches, { occurredAt, named: event.campaign, windowsAt })
  return {
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
    ...(event.valueMinor !== undefined && { valueMinor: event.valueMinor }),
    ...(event.currency !== undefined && { currency: event.currency }),
    evidence: evidenceOf(event, { touches, credit, clockAhead }),
  }
}
