import type { Queued } from './queue.ts'
import { members } from './stringify.ts'
import { LIMITS } from './wire.ts'

/** Below the 64 KiB of a body, and of what `fetch` with keepalive and `sendBeacon` may have in flight at a time. */
export const MAX_BYTES = 60_000

const encoder = new TextEncoder()

/** Bytes of `text` in UTF-8, which is how browser and collector measure it. */
export const byteLength = (text: string): number => encoder.encode(text).length

/** What goes in one request, its body, and the bytes of that. */
export type Batch = readonly [entries: readonly Queued[], body: string, bytes: number]

/**
 * Requests for `entries`, in their order, each within the limits of the wire format: what is too much is halved.
 *
 * What the events of a request have alike is said once, under `common`.
 */
export function toBatches(entries: readonly Queued[], envelope: { site: string; sentAt: number }): Batch[] {
  const half = entries.length >> 1
  if (!entries[LIMITS.eventsFromBrowser]) {
    const lists = entries.map(({ event }) => members(event))
    // The first of each is its id, which is nobody else's. No reduce: that of Prototype.js up to 1.6 is another.
    const common = half ? (lists[0] as string[]).filter((member) => lists.every((own) => own.indexOf(member) > 0)) : []
    const events = lists.map((own) => `{${own.filter((member) => !common.includes(member))}}`)
    const body = `{${members(envelope)},"common":{${common}},"events":[${events}]}`
    const bytes = byteLength(body)
    if (!half || bytes < MAX_BYTES) return entries[0] ? [[entries, body, bytes]] : []
  }
  return [entries.slice(0, half), entries.slice(half)].flatMap((part) => toBatches(part, envelope))
}
