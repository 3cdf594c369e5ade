import type { LedgerEvent } from '../store.ts'

/** What a site knows a conversion by, besides its event id. Order matters: the index is stored. */
export const KEY_KINDS = ['order', 'lead'] as const

/** The entry of an order or a lead in the index. */
export function keyOfOrder(order: { orderId: string } | { leadId: string }): { kind: number; key: string } {
  return 'orderId' in order
    ? { kind: KEY_KINDS.indexOf('order'), key: order.orderId }
    : { kind: KEY_KINDS.indexOf('lead'), key: order.leadId }
}

/**
 * The order or lead that an event claims, null when none.
 *
 * A test or a bot claims none: it must not stand in the way of the real one. What waits, or was taken back, does: it is the real one.
 */
export function keyOf({
  type,
  verdict,
  evidence,
}: Pick<LedgerEvent, 'type' | 'verdict' | 'evidence'>): { kind: number; key: string } | null {
  if (verdict !== 'counted' && verdict !== 'pending' && verdict !== 'reversed') return null
  if (type === 'purchase' && evidence.orderId !== undefined) return keyOfOrder({ orderId: evidence.orderId })
  if (type === 'signup' && evidence.leadId !== undefined) return keyOfOrder({ leadId: evidence.leadId })
  return null
}
