import type { LedgerEvent } from '../store.ts'

/** What a site knows a conversion by, besides its event id. Order matters: the index is stored. */
export const KEY_KINDS = ['order', 'lead'] as const

/**
 * The order or lead that an event claims, null when none.
 *
 * Only a counted event claims one: a test or a bot must not stand in the way of the real one.
 */
export function keyOf({
  type,
  verdict,
  evidence,
}: Pick<LedgerEvent, 'type' | 'verdict' | 'evidence'>): { kind: number; key: string } | null {
  if (verdict !== 'counted') return null
  if (type === 'purchase' && evidence.orderId !== undefined) return { kind: KEY_KINDS.indexOf('order'), key: evidence.orderId }
  if (type === 'signup' && evidence.leadId !== undefined) return { kind: KEY_KINDS.indexOf('lead'), key: evidence.leadId }
  return null
}
