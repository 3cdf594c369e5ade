import type { Capture } from './recorder.ts'
import type { Receipt, WireEvent } from './wire.ts'

/** Calls `listener` with each event that the collector has durably taken: one of the parts that `init` takes as `auto`. */
export const acknowledged =
  (listener: (event: WireEvent) => void): Capture =>
  (recorder) => {
    const { answered, guard } = recorder
    recorder.answered = (response, entries) => {
      answered?.(response, entries)
      if (!response.ok) return
      const tell = ({ rejected }: Receipt) => {
        for (const [i, { event }] of entries.entries()) if (!rejected.some(({ index }) => index === i)) guard(listener)(event)
      }
      response
        .clone()
        .json()
        .then(tell)
        .catch(() => {
          // Taken without a receipt: then nobody knows of which event.
        })
    }
    return undefined
  }
