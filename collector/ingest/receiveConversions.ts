import type { ParsedBatch, ParsedEvent, Rejection } from '../../sdk/wire.ts'
import type { LedgerEvent, Outcome, Verdict } from '../store/store.ts'
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
  outcome: Outcome | 'valid'
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

/** A server knows the id of the click, if anything: the ledger knows the rest of it. */
async function withClick(event: ParsedEvent, { store }: Ingest): Promise<ParsedEvent> {
  const id = event.clickId?.toLowerCase()
  if (id === undefined || event.touches || !UUID.test(id)) return event
  const click = await store.event(id)
  if (click?.type !== 'click' || click.campaign === '' || click.verdict !== 'counted') return event
  const { placement, source, medium, content, term } = click.tags
  const named = Object.entries({ placement, source, medium, content, term }).filter(([, value]) => value !== undefined)
  return { ...event, touches: [{ type: 'click', campaign: click.campaign, at: click.occurredAt, id, ...Object.fromEntries(named) }] }
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
    agent: { isBot: false, isHeadless: false, device: undefined },
    isPrefetch: false,
    allowsAutomation: true,
  }
  const rejected = [...batch.rejected]
  const taken: { index: number; entry: LedgerEvent }[] = []
  for (const { index, event } of batch.events) {
    const entry = ledgerEvent(await withClick(event, ingest), envelope)
    const days = MAX_AGE_MS.server / 86_400_000
    if (entry) taken.push({ index, entry })
    else rejected.push({ index, code: 'too_old', field: 'occurredAt', message: `occurredAt must be at most ${days} days ago` })
  }
  const entries = taken.map(({ entry }) => entry)
  const failed = rejected.map(({ index, code, field }) =>
    failedEvent({ site: batch.site, code, field, receivedAt: now, value: batch.given[index] }),
  )
  const outcomes = validateOnly ? [] : await store.append(entries, failed)
  const events = taken.map(({ index, entry: { id, verdict, campaign } }, i): ConversionResult => {
    return { index, id, outcome: outcomes[i] ?? 'valid', verdict, campaign: campaign || null }
  })
  const count = (wanted: Outcome) => events.filter(({ outcome }) => outcome === wanted).length
  return { accepted: count('accepted'), duplicates: count('duplicate'), rejected: rejected.sort((a, b) => a.index - b.index), events }
}
