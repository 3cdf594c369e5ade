import { joinTouches } from './joinTouches.ts'
import { presentState, reportedState } from './present.ts'
import type { Adjustment, Evidence, LedgerEvent } from './store.ts'

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

/**
 * Whether a report is a server's word on an event of its own site.
 *
 * The id of a click is known to both sites, and that of a made-up event to whoever made it up: neither site's key may void what the other is paid for, nor confirm its sales.
 */
const isOfServer = (report: LedgerEvent, known: LedgerEvent) => report.witness !== 'browser' && report.site === known.site

const differs = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b

/** Whether a report says nothing else than `known`. */
const agrees = (known: LedgerEvent, report: LedgerEvent) =>
  !differs(known.evidence.orderId, report.evidence.orderId) &&
  !differs(known.evidence.leadId, report.evidence.leadId) &&
  conflictsBetween(known, report).length === 0

/**
 * Whether a server's report of a known event says something else than what stands after it: another type, order, lead, value or campaign.
 *
 * A browser is never told, and a server's word stands over a browser's: neither is a conflict of who reports. What was adjusted may be said as before or as since.
 */
export function isOverruled(known: LedgerEvent, report: LedgerEvent): boolean {
  if (report.witness === 'browser') return false
  if (report.type !== known.type) return true
  if (known.witness === 'browser' && isOfServer(report, known)) return false
  return !agrees(reportedState(known), report) && !agrees(known, report)
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

/** Each adjustment once by its id, the known ones first. */
function withAdjustments(known: Adjustment[] = [], told: Adjustment[] = []): Adjustment[] {
  return [...known, ...told.filter(({ id }) => !known.some((one) => one.id === id))]
}

/** What a browser tells of itself. A server has it at best from the click before. */
const ownTags = ({ tags: { device, consent } }: LedgerEvent) => ({
  ...(device !== undefined && { device }),
  ...(consent !== undefined && { consent }),
})

/**
 * The state of an event after a later report of it, or null when the report adds nothing.
 *
 * A report fills empty fields and adds its witness; it never counts again. A server's word supersedes a browser's claim,
 * never the reverse, but in device and consent, and for its own site alone; what was overruled is kept in `evidence.conflicts`. Time and id of the first report
 * stand. Adjustments hold whatever is reported after them.
 */
export function merge(known: LedgerEvent, report: LedgerEvent): LedgerEvent | null {
  const merged = presentState(mergeReports(reportedState(known), reportedState(report)))
  return isSame(merged, known) ? null : merged
}

function mergeReports(known: LedgerEvent, report: LedgerEvent): LedgerEvent {
  const isServerWord = isOfServer(report, known) && known.witness === 'browser'
  const [first, second] = isServerWord ? [report, known] : [known, report]
  const merged: LedgerEvent = {
    ...known,
    campaign: first.campaign || second.campaign,
    verdict: first.verdict,
    witness: known.witness === report.witness || (report.witness !== 'browser' && !isOfServer(report, known)) ? known.witness : 'both',
    viewable: known.viewable || report.viewable,
    tags: {
      ...fill(first.tags, second.tags),
      ...(first.tags.segment && second.tags.segment && { segment: fill(first.tags.segment, second.tags.segment) }),
      ...(first.tags.variant && second.tags.variant && { variant: fill(first.tags.variant, second.tags.variant) }),
      ...ownTags(known.witness === 'server' && report.witness === 'browser' ? report : known),
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
  // What holds it are the terms of its campaign at its own time, which is that of the first report.
  const { dueAt, awaits } = (merged.campaign === known.campaign ? known : report).evidence
  delete merged.evidence.dueAt
  delete merged.evidence.awaits
  if (dueAt !== undefined) merged.evidence.dueAt = dueAt
  if (awaits) merged.evidence.awaits = awaits
  const adjustments = withAdjustments(known.evidence.adjustments, report.evidence.adjustments)
  if (adjustments.length > 0) merged.evidence.adjustments = adjustments
  return merged
}

/** Deep equality of plain data, whatever the order of keys. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}
