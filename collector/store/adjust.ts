import { parseMoney, WireError } from '../../sdk/wire.ts'
import { withAdjustment } from './present.ts'
import type { Adjustment, AdjustmentOutcome, AdjustmentRequest, LedgerEvent, RefusedAdjustment } from './store.ts'

/** Corrections of one conversion, so that nobody can grow one event without end. */
const MAX_ADJUSTMENTS = 100

function refused(code: RefusedAdjustment, field: string, message: string): AdjustmentOutcome {
  return { outcome: 'refused', code, field, message: `${field}: ${message}` }
}

/** The amount in minor units of the event's currency; undefined when none was given. Throws WireError where it is none. */
function amountOf({ value }: AdjustmentRequest, currency: string | undefined): number | undefined {
  return value === undefined ? undefined : parseMoney(value, currency, 'value')
}

const isSame = (known: Adjustment, { action }: AdjustmentRequest, valueMinor: number | undefined) =>
  known.action === action && known.valueMinor === valueMinor

function judged(event: LedgerEvent, request: AdjustmentRequest): AdjustmentOutcome {
  const { id, action, at } = request
  const { evidence, verdict, valueMinor: standing, currency, type } = event
  const which = 'orderId' in request.order ? 'orderId' : 'leadId'
  if (request.currency !== undefined && currency !== undefined && request.currency !== currency)
    return refused('invalid_value', 'currency', `the ${type} is in ${currency}; currencies are never converted`)
  const told = currency ?? request.currency
  const valueMinor = amountOf(request, told)
  const known = evidence.adjustments?.find((one) => one.id === id)
  if (known && isSame(known, request, valueMinor)) return { outcome: 'duplicate', event }
  if (known) return refused('id_conflict', 'id', `"${id}" is known as another adjustment (${known.action}); give this one an id of its own`)
  if (verdict === 'reversed') return refused('already_reversed', which, 'was cancelled, rejected or paid back in whole, which is final')
  if ((evidence.adjustments?.length ?? 0) >= MAX_ADJUSTMENTS)
    return refused('too_many', which, `has ${MAX_ADJUSTMENTS} adjustments, and takes no more`)
  if (at < event.occurredAt) return refused('invalid_value', 'at', `must not be before the ${type} itself`)
  if (action === 'restate' && valueMinor === undefined) return refused('invalid_value', 'value', 'is missing: what is the value now?')
  if (action === 'refund' && valueMinor === 0) return refused('invalid_value', 'value', 'must be over 0; leave it out to pay back all')
  if (action === 'refund' && valueMinor !== undefined && (standing === undefined || valueMinor > standing))
    return refused('over_value', 'value', `is more than what is left of the ${type}, ${standing ?? 0} minor units`)
  const isValued = action === 'refund' || action === 'restate'
  const adjustment: Adjustment = { id, action, at, ...(isValued && valueMinor !== undefined && { valueMinor }) }
  const adjusted = withAdjustment(event, adjustment)
  if (action === 'restate' && told !== undefined) adjusted.currency = told
  return { outcome: 'accepted', event: adjusted }
}

/** What a correction makes of a conversion in its present state, or why it cannot be. */
export function adjust(event: LedgerEvent, request: AdjustmentRequest): AdjustmentOutcome {
  try {
    return judged(event, request)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { outcome: 'refused', code: 'invalid_value', field: error.field ?? 'value', message: error.message }
  }
}
