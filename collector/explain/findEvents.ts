import type { Found } from '../dashboard/find.ts'
import type { Registry } from '../registry.ts'
import type { Store } from '../store/store.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Events that a text names: by their own id, or by an order or lead of any site. */
export async function findEvents(text: string, { store, registry }: { store: Store; registry: Registry }): Promise<Found[]> {
  const found: Found[] = []
  const event = UUID.test(text) ? await store.event(text.toLowerCase()) : undefined
  if (event) found.push({ id: event.id, by: 'event', site: event.site })
  const sites = registry.sites().map(({ id }) => id)
  for (const kind of ['order', 'lead'] as const) {
    for (const one of await store.findConversions({ sites, kind, key: text })) found.push({ ...one, by: kind })
  }
  return found.filter(({ id }, i) => found.findIndex((other) => other.id === id) === i)
}
