import type { ConfigVersion } from '../store/store.ts'
import { type Delivery, newDelivery, type Webhook } from '../webhooks/webhook.ts'
import type { Alert } from './alert.ts'

/** Alerts, webhooks and deliveries as they are now: a fold of the configuration log, in its order. */
export interface Notices {
  apply(version: Omit<ConfigVersion, 'at'>): void
  alert(id: string): Alert | undefined
  /** Oldest first. */
  alerts(): Alert[]
  /** Undefined also once deleted. */
  webhook(id: string): Webhook | undefined
  webhooks(): Webhook[]
  delivery(id: string): Delivery | undefined
  /** Of one webhook, oldest first. */
  deliveries(webhook: string): Delivery[]
  /** Those of one webhook that are to be tried at `now` (ms), oldest first. */
  due(webhook: string, now: number): Delivery[]
}

/**
 * Starts empty.
 *
 * An alert stands in the outbox of each webhook that comes before it in the log: one write holds alert and deliveries, so that none is lost in between.
 */
export function notices(): Notices {
  const alerts = new Map<string, Alert>()
  const webhooks = new Map<string, Webhook>()
  const deliveries = new Map<string, Delivery>()
  const pending = new Map<string, Set<string>>()

  function keep(delivery: Delivery): void {
    deliveries.set(delivery.id, delivery)
    const outbox = pending.get(delivery.webhook) ?? new Set()
    pending.set(delivery.webhook, outbox)
    if (delivery.status === 'pending') outbox.add(delivery.id)
    else outbox.delete(delivery.id)
  }
  function keepAlert(alert: Alert): void {
    if (alerts.has(alert.id)) return // another process noticed it too
    alerts.set(alert.id, alert)
    for (const { id, events, deleted } of webhooks.values()) if (!deleted && events.includes('budget')) keep(newDelivery(id, alert.id))
  }
  const live = (id: string) => (webhooks.get(id)?.deleted ? undefined : webhooks.get(id))

  return {
    apply({ kind, id, value }) {
      if (kind === 'alert') keepAlert(value as Alert)
      if (kind === 'webhook') webhooks.set(id, value as Webhook)
      if (kind === 'delivery') keep(value as Delivery)
    },
    alert: (id) => alerts.get(id),
    alerts: () => [...alerts.values()],
    webhook: live,
    webhooks: () => [...webhooks.values()].filter(({ deleted }) => !deleted),
    delivery: (id) => deliveries.get(id),
    deliveries: (webhook) => [...deliveries.values()].filter((delivery) => delivery.webhook === webhook),
    due: (webhook, now) =>
      [...(pending.get(webhook) ?? [])].flatMap((id) => {
        const delivery = deliveries.get(id)
        return delivery && delivery.nextAt <= now ? delivery : []
      }),
  }
}
