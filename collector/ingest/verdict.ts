import type { ParsedEvent } from '../../sdk/wire.ts'
import type { Verdict } from '../store/store.ts'
import type { Agent } from './agentOf.ts'
import type { OriginCheck } from './checkOrigin.ts'
import type { RequestHeaders } from './readJson.ts'

/** What is known of the request that brought an event. */
export interface Circumstances {
  origin: OriginCheck
  agent: Agent
  /** The browser fetched ahead of a visitor who may never come. */
  isPrefetch: boolean
  /** The site counts browsers that are driven by a program, as a demo or a test does. */
  allowsAutomation: boolean
}

/** Whether request headers say that the browser fetches ahead (`Sec-Purpose`, and what older browsers send). */
export function isPrefetch(headers: RequestHeaders): boolean {
  const purpose = headers['sec-purpose'] ?? headers.purpose ?? headers['x-purpose'] ?? headers['x-moz']
  return purpose !== undefined && /prefetch|prerender|preview/i.test(purpose)
}

/** Why an event counts, or does not, by itself: the first reason that applies. Limits on clicks look at the visitor's others. */
export function verdictOf(
  event: Pick<ParsedEvent, 'automation' | 'test'>,
  { origin, agent, isPrefetch, allowsAutomation }: Circumstances,
): Verdict {
  if (event.test || origin === 'test') return 'test'
  if (agent.isBot || (agent.isHeadless && !allowsAutomation)) return 'bot'
  if (event.automation && !allowsAutomation) return 'automation'
  return isPrefetch ? 'prefetch' : 'counted'
}
