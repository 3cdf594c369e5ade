import type { Registry } from '../registry.ts'
import { backOff, MAX_ATTEMPTS } from './backOff.ts'
import { messageOf } from './messageOf.ts'
import { signMessage } from './signMessage.ts'
import type { Delivery, Webhook } from './webhook.ts'
import type { WebhookTransport } from './webhookTransport.ts'

/** How often the outbox is looked at. */
export const DELIVER_EVERY_MS = 1_000

/** Of one webhook at once; the rest follows with the next look. */
const AT_ONCE = 20

/** How long a webhook is left alone when what became of its delivery could not be kept: it would be sent again at once. */
const HOLD_MS = 30_000

/** The receiver says that it is gone for good; Standard Webhooks asks to stop then. */
const GONE = 410

export interface DeliverOptions {
  registry: Registry
  transport: WebhookTransport
  now: () => number
  /** From 0 to under 1. */
  random: () => number
  log: (message: string, error?: unknown) => void
}

/**
 * Gives the function that sends what is due, to several webhooks at once and to each one after the other; it resolves when all of it was tried.
 *
 * Called again meanwhile, it leaves those that are under way alone. A message counts as delivered with an answer of 200 to 299 that is kept in the log;
 * until then it is sent again under the same id: at least once.
 */
export function deliver({ registry, transport, now, random, log }: DeliverOptions): () => Promise<void> {
  const busy = new Set<string>()
  const heldUntil = new Map<string, number>()

  async function attempt(webhook: Webhook, { lastStatus, lastError, ...delivery }: Delivery): Promise<Delivery> {
    const alert = registry.notices.alert(delivery.alert)
    if (!alert) return { ...delivery, status: 'dead', lastError: 'the alert is not in the log' }
    const body = messageOf(alert)
    const at = now()
    const tried = { ...delivery, attempts: delivery.attempts + 1, lastAt: at }
    let outcome: { lastStatus?: number; lastError?: string }
    try {
      const headers = signMessage({ id: delivery.id, at, body, secrets: webhook.secrets })
      const status = await transport.post(webhook.url, { headers, body })
      if (status >= 200 && status < 300) return { ...tried, status: 'delivered', lastStatus: status }
      outcome = { lastStatus: status, lastError: `answered ${status}` }
    } catch (error) {
      outcome = { lastError: (error as Error).message }
    }
    if (tried.attempts >= MAX_ATTEMPTS || outcome.lastStatus === GONE) return { ...tried, status: 'dead', ...outcome }
    return { ...tried, nextAt: now() + backOff(tried.attempts, random()), ...outcome }
  }

  async function work(id: string): Promise<void> {
    for (const delivery of registry.notices.due(id, now()).slice(0, AT_ONCE)) {
      const webhook = registry.notices.webhook(id) // it may have been deleted, or its secret changed, since the one before
      if (!webhook) return
      const value = await attempt(webhook, delivery)
      await registry.putNotice({ kind: 'delivery', id: delivery.id, value })
    }
  }

  async function start(id: string): Promise<void> {
    busy.add(id)
    try {
      await work(id)
    } catch (error) {
      heldUntil.set(id, now() + HOLD_MS)
      log('webhooks: what became of a delivery could not be kept; it is sent again', error)
    } finally {
      busy.delete(id)
    }
  }

  return async () => {
    const free = registry.notices.webhooks().filter(({ id }) => !busy.has(id) && (heldUntil.get(id) ?? 0) <= now())
    await Promise.all(free.map(({ id }) => start(id)))
  }
}
