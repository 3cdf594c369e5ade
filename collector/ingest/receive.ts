import { type ParsedBatch, type Receipt, WireError } from '../../sdk/wire.ts'
import { isErrorCode, RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { LedgerEvent, Store } from '../store/store.ts'
import { agentOf } from './agentOf.ts'
import { checkOrigin, originHelp } from './checkOrigin.ts'
import type { ClickHistory } from './clickHistory.ts'
import { DEFAULT_CLICK_RULES } from './clickVerdict.ts'
import { MAX_AGE_MS } from './correctTime.ts'
import { failedEvent } from './failedEvent.ts'
import { keptVital } from './keptVital.ts'
import { ledgerEvent } from './ledgerEvent.ts'
import type { visitorKeys } from './visitorKey.ts'

/** Who sent a batch, as far as the request tells. */
export interface Sender {
  origin: string | undefined
  userAgent: string
  /** Address, '' when there is none. */
  source: string
  isPrefetch: boolean
}

/** What receiving needs. */
export interface Ingest {
  store: Store
  registry: Registry
  clicks: ClickHistory
  visitorKey: ReturnType<typeof visitorKeys>
}

/** What the wire parser found wrong with a batch as a whole becomes a refusal with the same code and field. */
export function refused(error: unknown): unknown {
  if (!(error instanceof WireError)) return error
  return new RefusalError(isErrorCode(error.code) ? error.code : 'invalid_event', error.message, error.field)
}

/** Holds a click against the visitor's others. Its key goes into the ledger, so that they are known again after a restart. */
async function judgeClick(click: LedgerEvent, { sender, now, ingest }: { sender: Sender; now: number; ingest: Ingest }): Promise<void> {
  const { id, site, campaign, occurredAt, tags } = click
  const visitor = await ingest.visitorKey({ site, source: sender.source, userAgent: sender.userAgent, now })
  const rules = ingest.registry.campaign(campaign)?.invalidTraffic ?? DEFAULT_CLICK_RULES
  click.evidence.visitor = visitor
  click.verdict = ingest.clicks.judge(visitor, campaign, { id, at: occurredAt, placement: tags.placement }, rules)
}

/**
 * A browser's batch on its way into the ledger. Resolves after its events are durably committed.
 *
 * Throws RefusalError for an unknown site or an origin that the site does not allow.
 */
export async function receive(
  batch: ParsedBatch,
  { sender, now, ingest }: { sender: Sender; now: number; ingest: Ingest },
): Promise<Receipt> {
  const { store, registry } = ingest
  const site = registry.site(batch.site)
  if (!site)
    throw new RefusalError('unknown_site', `site "${batch.site}" is not known; correct data-site or make it with PUT /v1/sites/ID`, 'site')
  const origin = checkOrigin(site, sender.origin)
  if (origin === 'refused') throw new RefusalError('origin_not_allowed', originHelp(site, sender.origin ?? ''))
  const envelope = {
    origin,
    site: site.id,
    sentAt: batch.sentAt,
    receivedAt: now,
    agent: agentOf(sender.userAgent),
    isPrefetch: sender.isPrefetch,
    allowsAutomation: site.allow.includes('automation'),
    witness: 'browser' as const,
    windowsAt: registry.windowsAt,
    termsAt: registry.termsAt,
  }
  const rejected = [...batch.rejected]
  const events: LedgerEvent[] = []
  for (const { index, event } of batch.events) {
    const entry = ledgerEvent(event, envelope)
    if (entry) {
      if (entry.type === 'click' && entry.verdict === 'counted') await judgeClick(entry, { sender, now, ingest })
      events.push(entry)
    } else {
      const days = MAX_AGE_MS.browser / 86_400_000
      rejected.push({ index, code: 'too_old', field: 'occurredAt', message: `occurredAt must be at most ${days} days ago` })
    }
  }
  const failed = rejected.map(({ index, code, field }) =>
    failedEvent({ site: site.id, code, field, receivedAt: now, value: batch.given[index] }),
  )
  const vitals = batch.vitals.flatMap((vital) => keptVital(vital, envelope) ?? [])
  if (vitals.length > 0) await store.appendVitals(vitals)
  const outcomes = events.length + failed.length > 0 ? await store.append(events, failed) : []
  let accepted = 0
  for (const outcome of outcomes) if (outcome === 'accepted') accepted += 1
  return { accepted, duplicates: events.length - accepted, rejected: rejected.sort((a, b) => a.index - b.index) }
}
