import { byteLength } from './event.ts'
import type { Queued } from './queue.ts'
import { LIMITS } from './wire.ts'

/** Below the 64 KiB of a body, with room for the envelope around the events. */
const MAX_BYTES = 60_000

/** What goes in one request. */
export interface Batch extends Omit<Queued, 'event'> {
  entries: Queued[]
  bytes: number
}

/** Requests for `queue`, in its order. */
export function batches(queue: readonly Queued[]): Batch[] {
  const result: Batch[] = []
  for (const entry of queue) {
    const { site, endpoint, event } = entry
    const bytes = byteLength(event) + 1 // and a comma
    let batch = result.find(
      (open) =>
        open.site === site &&
        open.endpoint === endpoint &&
        open.entries.length < LIMITS.eventsFromBrowser &&
        open.bytes + bytes < MAX_BYTES,
    )
    if (!batch) {
      batch = { site, endpoint, entries: [], bytes: 0 }
      result.push(batch)
    }
    batch.entries.push(entry)
    batch.bytes += bytes
  }
  return result
}
