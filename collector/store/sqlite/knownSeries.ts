import type { LedgerEvent } from '../store.ts'
import type { Series } from './series.ts'

/** A step on the way through the fields of an event. */
interface Step {
  next: Map<string | undefined, Step>
  series: Series | undefined
}

const newStep = (): Step => ({ next: new Map(), series: undefined })

function step(from: Step, value: string | undefined): Step {
  let to = from.next.get(value)
  if (to === undefined) {
    to = newStep()
    from.next.set(value, to)
  }
  return to
}

/** No tag is empty, so this stands between segment and variant. */
const VARIANT = ''

/** Steps through labels in the order in which the event has them. */
function steps(from: Step, labels: Record<string, string> | undefined): Step {
  let at = from
  for (const name in labels) at = step(step(at, name), labels[name])
  return at
}

/** Series of events seen of late. */
export interface KnownSeries {
  /** Where the series of such an event is kept, to be read or set. */
  placeOf(event: LedgerEvent): { series: Series | undefined }
  forget(): void
}

/**
 * Finds the series of an event by stepping from field to field: a sixth of the time of writing the fields into one text and looking that up.
 *
 * Labels in another order are another place, which holds the same series.
 */
export function knownSeries(): KnownSeries {
  let root = newStep()
  return {
    placeOf({ type, site, campaign, verdict, witness, valueMinor, currency, tags }) {
      let at = step(root, type)
      at = step(at, site)
      at = step(at, campaign)
      at = step(at, verdict)
      at = step(at, witness)
      at = step(at, valueMinor === undefined ? undefined : currency)
      at = step(at, tags.placement)
      at = step(at, tags.source)
      at = step(at, tags.medium)
      at = step(at, tags.content)
      at = step(at, tags.term)
      at = step(at, tags.device)
      at = step(at, tags.consent)
      at = steps(at, tags.segment)
      return tags.variant === undefined ? at : steps(step(at, VARIANT), tags.variant)
    },
    forget() {
      root = newStep()
    },
  }
}
