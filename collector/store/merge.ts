import { joinTouches } from './joinTouches.ts'
import type { Evidence, LedgerEvent } from './store.ts'

/** Conflicts kept per event, so that nobody can grow one event without end. */
const MAX_CONFLICTS = 8

type Conflict = NonNullable<Evidence['conflicts']>[number]

/** The fields of `first` win, those it lacks come from `second`. */
const fill = <T extends object>(first: T, second: T): T => ({ ...second, ...first })

const amount = (event: LedgerEvent) => (event.valueMinor === undefined ? undefined : `${event.valueMinor} ${event.currency}`)

function conflictsBetween(stands: LedgerEvent, overruled: LedgerEvent): Conflict[] {
  const found: Conflict[] = []
  const by = overruled.witness
  const at = overruled.receivedAt
  const said = amount(overruled)
  if (said !== undefined && amount(stands) !== undefined && said !== amount(stands)) found.push({ field: 'value', said, by, at })
  if (overruled.campaign !== '' && stands.campaign !== '' && overruled.campaign !== stands.campaign) {
    found.push({ field: 'campaign', said: overruled.campaign, by, at })
  }
  return found
}

/** Each conflict once, the known ones first. */
function withConflicts(known: Conflict[] = [], found: Conflict[]): Conflict[] {
  const all: Conflict[] = []
  for (const one of [...known, ...found]) {
    if (!all.some((other) => other.field === one.field && other.said === one.said && other.by === one.by)) all.push(one)
  }
  return all.slice(0, MAX_CONFLICTS)
}

function better(known: Evidence['view'], told: Evidence['view']): Evidence['view'] {
  return told !== undefined && (known === undefined || told.ms > known.ms) ? told : known
}

/**
 * The state of an event after a later report of it, or null when the report adds nothing.
 *
 * A report fills empty fields and adds its witness; it never counts again. A server's word supersedes a browser's claim,
 * never the reverse; what was overruled is kept in `evidence.conflicts`. Time and id of the first report stand.
 */
export function merge(known: LedgerEvent, report: LedgerEvent): LedgerEvent | null {
  const isServerWord = report.witness !== 'browser' && known.witness === 'browser'
  const [first, second] = isServerWord ? [report, known] : [known, report]
  const merged: LedgerEvent = {
    ...known,
    campaign: first.campaign || second.campaign,
    verdict: first.verdict,
    witness: known.witness === report.witness ? known.witness : 'both',
    viewable: known.viewable || report.viewable,
    tags: {
      ...fill(first.tags, second.tags),
      ...(first.tags.segment && second.tags.segment && { segment: fill(first.tags.segment, second.tags.segment) }),
      ...(first.tags.variant && second.tags.variant && { variant: fill(first.tags.variant, second.tags.variant) }),
    },
    evidence: fill(first.evidence, second.evidence),
  }
  const valued = first.valueMinor === undefined ? second : first
  if (valued.valueMinor !== undefined) merged.valueMinor = valued.valueMinor
  if (valued.currency !== undefined) merged.currency = valued.currency
  const { touches } = first.evidence
  // Once, when the second witness comes: a page that is loaded again brings nothing new.
  if (touches && second.evidence.touches && known.witness !== 'both' && known.witness !== report.witness)
    merged.evidence.touches = joinTouches(touches, second.evidence.touches)
  const view = better(known.evidence.view, report.evidence.view)
  if (view) merged.evidence.view = view
  const conflicts = withConflicts(known.evidence.conflicts, [...(report.evidence.conflicts ?? []), ...conflictsBetween(first, second)])
  if (conflicts.length > 0) merged.evidence.conflicts = conflicts
  return isSame(merged, known) ? null : merged
}

/** Deep equality of plain data, whatever the order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}
