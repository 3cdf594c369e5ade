import type { LedgerEvent } from '../../collector/store/store.ts'
import type { ParsedEvent } from '../../sdk/wire.ts'

/** 2026-11-24T08:00:00Z, on a quarter of an hour. */
export const NOON = Date.UTC(2026, 10, 24, 12)

/** A UUIDv7 that is the same for the same number, at `at` ms. */
export function idNumber(n: number, at = NOON): string {
  const time = at.toString(16).padStart(12, '0')
  const rest = n.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`
}

/** A counted click of campaign `spring`, changed as a test needs it. */
export function ledgerEventOf(change: Partial<LedgerEvent> & { n?: number } = {}): LedgerEvent {
  const { n = 1, ...rest } = change
  return {
    id: idNumber(n),
    type: 'click',
    site: 'shop',
    campaign: 'spring',
    occurredAt: NOON,
    receivedAt: NOON + 50,
    verdict: 'counted',
    witness: 'browser',
    tags: {},
    viewable: false,
    evidence: {},
    ...rest,
  }
}

export function purchaseOf(change: Partial<LedgerEvent> & { n?: number; orderId?: string } = {}): LedgerEvent {
  const { orderId, ...rest } = change
  const evidence = orderId === undefined ? {} : { orderId }
  return ledgerEventOf({ type: 'purchase', valueMinor: 49_900, currency: 'NOK', evidence, ...rest })
}

export function wireEventOf(change: Partial<ParsedEvent> & { n?: number } = {}): Record<string, unknown> {
  const { n = 1, ...rest } = change
  return { id: idNumber(n), type: 'click', occurredAt: NOON, campaign: 'spring', ...rest }
}
