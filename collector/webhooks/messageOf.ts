import type { Alert } from '../alerts/alert.ts'

/** An alert as the API and webhooks tell it: the instant as ISO 8601, no period for the total. */
export function alertAnswer({ at, period, ...alert }: Alert): object {
  return { ...alert, period: period === '' ? null : period, at: new Date(at).toISOString() }
}

/** The body that tells of an alert; the same bytes at every attempt. Shape: Standard Webhooks, `type`, `timestamp` of what happened, `data`. */
export function messageOf(alert: Alert): string {
  return JSON.stringify({ type: 'budget.threshold', timestamp: new Date(alert.at).toISOString(), data: alertAnswer(alert) })
}
