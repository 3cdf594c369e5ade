import type { ParsedVital } from '../../sdk/wire.ts'
import type { Vital } from '../store/vitals.ts'
import { correctTime, MAX_AGE_MS } from './correctTime.ts'
import { type Circumstances, verdictOf } from './verdict.ts'

/** How fast a page view was, as it is kept; null for one that is too old or whose visitor would not count. */
export function keptVital(
  { id, name, value, rating, campaign = '', page = '', automation, test, ...given }: ParsedVital,
  envelope: Circumstances & { site: string; sentAt: number | undefined; receivedAt: number },
): Vital | null {
  const { site, sentAt, receivedAt } = envelope
  const { occurredAt } = correctTime({ occurredAt: given.occurredAt, sentAt, receivedAt })
  if (receivedAt - occurredAt > MAX_AGE_MS.browser || verdictOf({ automation, test }, envelope) !== 'counted') return null
  return { id, name, value, rating, site, campaign, page, occurredAt, receivedAt }
}
