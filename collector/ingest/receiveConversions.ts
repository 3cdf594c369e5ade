import type { ParsedBatch, ParsedEvent, Rejection } from '../../sdk/wire.ts'
import type { LedgerEvent, Verdict } from '../store/store.ts'
import type { Agent } from './agentOf.ts'
import { MAX_AGE_MS } from './correctTime.ts'
import { failedEvent } from './failedEvent.ts'
import { ledgerEvent } from './ledgerEvent.ts'
import type { Ingest } from './receive.ts'

/** What became of one conversion that was read. */
export interface ConversionResult {
  /** Position in the batch. */
  index: number
  id: string
  /** `valid`: it was only looked at. */
  outcome: 'accepted' | 'duplicate' | 'valid'
  verdict: Verdict
  /** Who gets the credit, null when no campaign does. */
  campaign: string | null
}

export interface ConversionReceipt {
  accepted: number
  duplicates: number
  rejected: Rejection[]
  events: ConversionResult[]
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What a server is told of a duplicate that says something else: the first word stands, and an adjustment corrects it. */
function conflict(index: number, { id, evidence }: LedgerEvent): Rejection {
  const [field, name] =
    evidence.orderId !== undefined
      ? ['orderId', evidence.orderId]
      : evidence.leadId !== undefined
        ? ['leadId', evidence.leadId]
        : ['id', id]
  const message = `${field} "${name}" is known with other content, which stands; correct it with POST /v1/adjustments`
  return { index, code: 'id_conflict', field, message }
}

/**
 * A server knows the id of the click, if anything: the ledger knows the rest of it, the visitor's device and consent among it, so that
 * what browsers did not report can be told by them.
 */
async function withClick(event: ParsedEvent, { store }: Ingest): Promise<{ event: ParsedEvent; device?: Agent['device'] }> {
  const id = event.clickId?.toLowerCase()
  if (id === undefined || event.touches || !UUID.test(id)) return { event }
  const click = await store.event(id)
  if (click?.type !== 'click' || click.campaign === '' || click.verdict !== 'counted') return { event }
  const { placement, source, medium, content, term, device, consent } = click.tags
  const named = Object.entries({ placement, source, medium, content, term }).filter(([, value]) => value !== undefined)
  const touches = [{ type: 'click' as const, campaign: click.campaign, at: click.occurredAt, id, ...Object.fromEntries(named) }]
  return { event: { ...event, consent: event.consent ?? consent, touches }, device: device as Agent['device'] }
}

/**
 * Conversions that a server reports, on their way into the ledger. Resolves after they are durably committed; `validateOnly` leaves no trace.
 */
export async function receiveConversions(
  batch: ParsedBatch,
  { now, ingest, validateOnly }: { now: number; ingest: Ingest; validateOnly: boolean },
): Promise<ConversionReceipt> {
  const { store, registry } = ingest
  const envelope = {
    site: batch.site,
    sentAt: batch.sentAt,
    receivedAt: now,
    witness: 'server' as const,
    windowsAt: registry.windowsAt,
    termsAt: registry.termsAt,
    origin: 'allowed' as const,
    isPrefetch: false,
    allowsAutomation: true,
  }
  const rejected = [...batch.rejected]
  const taken: { index: number; entry: LedgerEvent }[] = []
  for (const { index, event: told } of batch.events) {
    const { event, device } = await withClick(told, ingest)
    const entry = ledgerEvent(event, { ...envelope, agent: { isBot: false, isHeadless: false, device } })
    const days = MAX_AGE_MS.server / 86_400_000
    if (entry) taken.push({ index, entry })
    else rejected.push({ index, code: 'too_old', field: 'occurredAt', message: `occurredAt must be at most ${days} days ago` })
  }
  const entries = taken.map(({ entry }) => entry)
  const failed = rejected.map(({ index, code, field }) =>
    failedEvent({ site: batch.site, code, field, receivedAt: now, value: batch.given[index] }),
  )
  const outcomes = validateOnly ? [] : await store.append(entries, failed)
  const events: ConversionResult[] = []
  taken.forEach(({ index, entry }, i) => {
    const outcome = validateOnly ? 'valid' : outcomes[i] === 'accepted' ? 'accepted' : 'duplicate'
    if (outcomes[i] === 'conflict') rejected.push(conflict(index, entry))
    else events.push({ index, id: entry.id, outcome, verdict: entry.verdict, campaign: entry.campaign || null })
  })
  const count = (wanted: ConversionResult['outcome']) => events.filter(({ outcome }) => outcome === wanted).length
  return { accepted: count('accepted'), duplicates: count('duplicate'), rejected: rejected.sort((a, b) => a.index - b.index), events }
}
