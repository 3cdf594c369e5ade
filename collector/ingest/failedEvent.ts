import { LIMITS } from '../../sdk/wire.ts'
import type { RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { FailedEvent, Store } from '../store/store.ts'

/** What is kept of an event that failed: the reason, and the event as text as far as the limit of an event goes. */
export function failedEvent({ value, ...reason }: Omit<FailedEvent, 'body'> & { value?: unknown }): FailedEvent {
  const { site, code, field, receivedAt } = reason
  return { site, code, field, receivedAt, body: (JSON.stringify(value) ?? '').slice(0, LIMITS.eventBytes) }
}

/** Keeps what was refused as a whole: each event of the body's list, or one for a body that has none. */
export async function keepRefused(
  body: unknown,
  { code, field = '' }: RefusalError,
  { store, registry, now }: { store: Store; registry: Registry; now: number },
): Promise<void> {
  const given = typeof body === 'object' && body !== null ? (body as { site?: unknown; events?: unknown }) : {}
  const named = typeof given.site === 'string' && given.site.length <= LIMITS.tagLength ? given.site : ''
  const site = registry.site(named) ? named : ''
  const events: unknown[] = Array.isArray(given.events) && given.events.length > 0 ? given.events : [body]
  const failed = events.slice(0, LIMITS.eventsFromServer).map((event) => {
    // All unknown sites share one list, since anybody can make up names: an event takes its site's along, so that it can be replayed once there is one.
    const value = site === '' && named !== '' && typeof event === 'object' ? { ...event, site: named } : event
    return failedEvent({ site, code, field, receivedAt: now, value })
  })
  await store.append([], failed)
}
