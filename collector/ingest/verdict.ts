import type { ParsedEvent } from '../../sdk/wire.ts'
import type { Verdict } from '../store/store.ts'
import type { OriginCheck } from './checkOrigin.ts'

/** What is known of the request that brought an event. */
export interface Circumstances {
  origin: OriginCheck
}

/** Why an event counts, or does not. Pure: the first reason that applies. */
export function verdictOf(event: ParsedEvent, { origin }: Circumstances): Verdict {
  if (event.test || origin === 'test') return 'test'
  return 'counted'
}
