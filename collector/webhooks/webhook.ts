import { shortHash } from '../alerts/alert.ts'

/** Kinds of news that a webhook can ask for. */
export const WEBHOOK_EVENTS = ['budget'] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** Where news is sent. */
export interface Webhook {
  id: string
  url: string
  events: WebhookEvent[]
  /** Newest first, one or two; each signs. Kept as given, since they must sign. Empty once deleted. */
  secrets: string[]
  /** ms since the epoch. */
  madeAt: number
  deleted: boolean
}

/** What became of one alert on its way to one webhook. */
export interface Delivery {
  /** The same at every attempt: the receiver knows a repetition by it. */
  id: string
  webhook: string
  alert: string
  /** `dead`: given up. */
  status: 'pending' | 'delivered' | 'dead'
  attempts: number
  /** Not before this instant, ms; 0 for at once. */
  nextAt: number
  /** The last attempt: when (ms), the status it was answered with, what went wrong. */
  lastAt?: number
  lastStatus?: number
  lastError?: string
}

/** The delivery of an alert to a webhook before its first attempt. Its id follows from both, so that several processes and a restart give it the same. */
export function newDelivery(webhook: string, alert: string): Delivery {
  return { id: `msg_${shortHash([webhook, alert])}`, webhook, alert, status: 'pending', attempts: 0, nextAt: 0 }
}
