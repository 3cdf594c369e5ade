import type { Adjustment, Evidence, Hold, LedgerEvent } from './store.ts'

/** An event as it was reported, without what adjustments and validation make of it. */
export function reportedState(event: LedgerEvent): LedgerEvent {
  const { reported } = event.evidence
  if (!reported) return event.verdict === 'pending' ? { ...event, verdict: 'counted' } : event
  const { valueMinor: _, ...rest } = event
  const { reported: __, ...evidence } = event.evidence
  return { ...rest, ...reported, evidence }
}

/** What keeps an event pending: what was found at its receipt, or by the last judgement since. */
export function holdOf({ dueAt, awaits, adjustments = [] }: Evidence): Hold {
  const judged = adjustments.findLast(({ action }) => action === 'judge')
  if (judged) return judged.hold ?? {}
  return { ...(dueAt !== undefined && { dueAt }), ...(awaits && { awaits }) }
}

/** Whether the event waits for the end of its validation period, and until when (ms). */
export function dueAtOf({ verdict, evidence }: LedgerEvent): number | undefined {
  if (verdict !== 'pending' || evidence.adjustments?.some(({ action }) => action === 'mature')) return undefined
  return holdOf(evidence).dueAt
}

function isPending({ witness, evidence }: LedgerEvent, adjustments: Adjustment[]): boolean {
  const has = (wanted: Adjustment['action']) => adjustments.some(({ action }) => action === wanted)
  if (has('approve')) return false
  const { dueAt, awaits } = holdOf(evidence)
  return (awaits === 'server' && witness === 'browser') || (dueAt !== undefined && !has('mature'))
}

/**
 * The state of an event after all that became of it: a fold of its adjustments over what was reported.
 *
 * A refund takes its part off the value, and reverses what has nothing left; a cancelled or rejected one is reversed for good. The value of a reversed event
 * stays, as what was taken back.
 */
export function presentState(reported: LedgerEvent): LedgerEvent {
  const { adjustments = [], dueAt, awaits } = reported.evidence
  if (reported.verdict !== 'counted' || (adjustments.length === 0 && dueAt === undefined && awaits === undefined)) return reported
  let value = reported.valueMinor
  let isReversed = false
  for (const { action, valueMinor } of adjustments) {
    if (isReversed) break
    if (action === 'restate' && valueMinor !== undefined) value = valueMinor
    if (action === 'cancel' || action === 'reject') isReversed = true
    if (action !== 'refund') continue
    if (valueMinor === undefined || value === undefined || valueMinor >= value) isReversed = true
    else value -= valueMinor
  }
  const verdict = isReversed ? 'reversed' : isPending(reported, adjustments) ? 'pending' : 'counted'
  if (adjustments.length === 0) return { ...reported, verdict }
  const { verdict: said, valueMinor } = reported
  return {
    ...reported,
    verdict,
    ...(value !== undefined && { valueMinor: value }),
    evidence: { ...reported.evidence, reported: { verdict: said, ...(valueMinor !== undefined && { valueMinor }) } },
  }
}

/** The event with one more adjustment. */
export function withAdjustment(event: LedgerEvent, adjustment: Adjustment): LedgerEvent {
  const { evidence, ...rest } = reportedState(event)
  return presentState({ ...rest, evidence: { ...evidence, adjustments: [...(evidence.adjustments ?? []), adjustment] } })
}
