import { newId } from '../../collector/newId.ts'

/** What an order is worth, in øre. */
export const ORDER_MINOR = 49_900

export interface MadeEvent {
  id: string
  /** Absent: the id alone says what counts once. */
  orderId?: string
  /** As it goes over the wire. */
  wire: object
}

/** One visitor's event after the other: impressions, signups, and orders that are each reported under two event ids. */
export function eventSource(random: () => number): () => MadeEvent {
  const owed: MadeEvent[] = []
  let made = 0

  function order(orderId: string, extra: object): MadeEvent {
    const id = newId(Date.now())
    const wire = { id, type: 'purchase', occurredAt: Date.now(), campaign: 'spring', orderId, value: '499.00', currency: 'NOK', ...extra }
    return { id, orderId, wire }
  }

  return () => {
    made += 1
    const kind = random()
    if (owed.length > 0 && kind < 0.2) return owed.splice(Math.floor(random() * owed.length), 1)[0] as MadeEvent
    if (kind < 0.3) {
      // The page's report and, later, the one of the page that thanks: it knows one thing more.
      owed.push(order(`A-${made}`, { page: '/thanks' }))
      return order(`A-${made}`, {})
    }
    const id = newId(Date.now())
    // Many tags make many rows of totals, and with them much to write at each commit and checkpoint.
    const tags = { campaign: 'spring', placement: `p${Math.floor(random() * 300)}`, segment: { plan: `s${Math.floor(random() * 300)}` } }
    const type = kind < 0.4 ? 'signup' : 'impression'
    return { id, wire: { id, type, occurredAt: Date.now(), ...tags, ...(type === 'signup' && { leadId: `L-${made}` }) } }
  }
}
