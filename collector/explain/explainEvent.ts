import { RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { dueAtOf, holdOf } from '../store/present.ts'
import type { Action, Evidence, LedgerEvent, LedgerRow, Store, Verdict, Witness } from '../store/store.ts'
import { type ExplainedBilling, explainBilling } from './explainBilling.ts'
import { type ExplainedCredit, explainCredit } from './explainCredit.ts'
import { VERDICT_REASONS, WITNESS_REASONS } from './reasons.ts'

/** One row of an event's history: a report that added something. */
export interface ExplainedRow {
  /** Position in the ledger. */
  seq: number
  replaces: number | null
  /** When the report came. ISO 8601. */
  receivedAt: string
  verdict: Verdict
  witness: Witness
  campaign: string | null
  valueMinor: number | null
  currency: string | null
  /** What the report changed, in words of the event's fields; none for the first. */
  changed: string[]
}

/** The answer of `GET /v1/events/:id/explain`. Times are ISO 8601, amounts minor units. */
export interface Explanation {
  event: Pick<LedgerEvent, 'id' | 'type' | 'site' | 'viewable' | 'tags'> &
    Pick<Evidence, 'orderId' | 'leadId' | 'clickId' | 'page' | 'items' | 'view' | 'clockAhead'> & {
      campaign: string | null
      occurredAt: string
      receivedAt: string
      valueMinor: number | null
      currency: string | null
      /** In which days and times of the campaign are told. */
      timeZone: string
    }
  verdict: { code: Verdict; counted: boolean; why: string }
  witness: { code: Witness; why: string }
  /** Reports that said something else, and did not stand. */
  conflicts: { field: string; said: string; by: Witness; at: string; why: string }[]
  /** What became of it after it was reported, in the order in which it came. */
  adjustments: { id: string; action: Action; at: string; valueMinor: number | null }[]
  /** What a pending one waits for: the end of its validation period, a server's word, or both; null when it is not held. */
  held: { until: string | null; awaits: 'server' | null } | null
  /** Of signups and purchases; null for impressions and clicks, which carry their campaign themselves. */
  credit: ExplainedCredit | null
  billing: ExplainedBilling
  /** Oldest first. */
  history: ExplainedRow[]
}

const COMPARED = ['verdict', 'witness', 'campaign', 'valueMinor', 'currency', 'tags', 'viewable', 'evidence'] as const

function changes(before: LedgerRow | undefined, after: LedgerRow): string[] {
  if (!before) return []
  return COMPARED.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) =>
    name === 'valueMinor' ? 'value' : name,
  )
}

function explainRow(row: LedgerRow, before: LedgerRow | undefined): ExplainedRow {
  const { seq, replaces, receivedAt, verdict, witness, campaign, valueMinor, currency } = row
  return {
    seq,
    replaces: replaces ?? null,
    receivedAt: new Date(receivedAt).toISOString(),
    verdict,
    witness,
    campaign: campaign || null,
    valueMinor: valueMinor ?? null,
    currency: currency ?? null,
    changed: changes(before, row),
  }
}

function explainConflict(
  { field, said, by, at }: NonNullable<Evidence['conflicts']>[number],
  stands: Witness,
): Explanation['conflicts'][number] {
  const isOverruled = by === 'browser' && stands !== 'browser'
  const why = isOverruled
    ? 'A server’s word supersedes a browser’s claim.'
    : 'The first report of its kind stands; a later one only fills what was empty.'
  return { field, said, by, at: new Date(at).toISOString(), why }
}

function explainHold(event: LedgerEvent): Explanation['held'] {
  const dueAt = dueAtOf(event)
  const awaits = event.witness === 'browser' ? holdOf(event.evidence).awaits : undefined
  return { until: dueAt === undefined ? null : new Date(dueAt).toISOString(), awaits: awaits ?? null }
}

/**
 * An event as it stands, and why: verdict, witnesses, conflicts, touches, campaign, billing, history.
 *
 * Throws RefusalError `not_found` for an id that the ledger does not hold.
 */
export async function explainEvent(id: string, dependencies: { store: Store; registry: Registry }): Promise<Explanation> {
  const { store, registry } = dependencies
  const history = await store.history(id.toLowerCase())
  const event = history.at(-1)
  if (!event)
    throw new RefusalError(
      'not_found',
      `no event in the ledger has the id "${id.slice(0, 64)}"; an order that was reported twice has the id of its first report: find it with GET /v1/events?site=&orderId=`,
      'id',
    )
  const { type, site, viewable, tags, campaign, occurredAt, receivedAt, valueMinor, currency, evidence, verdict, witness } = event
  const { orderId, leadId, clickId, page, items, view, clockAhead } = evidence
  const told = Object.entries({ orderId, leadId, clickId, page, items, view, clockAhead }).filter(([, value]) => value !== undefined)
  const first = history[0]?.replaces === undefined ? history[0] : undefined
  return {
    event: {
      id: event.id,
      type,
      site,
      campaign: campaign || null,
      occurredAt: new Date(occurredAt).toISOString(),
      receivedAt: new Date(first?.receivedAt ?? receivedAt).toISOString(),
      valueMinor: valueMinor ?? null,
      currency: currency ?? null,
      viewable,
      tags,
      timeZone: registry.campaign(campaign)?.timeZone ?? 'UTC',
      ...Object.fromEntries(told),
    },
    verdict: { code: verdict, counted: verdict === 'counted', why: VERDICT_REASONS[verdict] },
    witness: { code: witness, why: WITNESS_REASONS[witness] },
    conflicts: (evidence.conflicts ?? []).map((conflict) => explainConflict(conflict, witness)),
    adjustments: (evidence.adjustments ?? []).map(({ id: own, action, at, valueMinor: amount = null }) => {
      return { id: own, action, at: new Date(at).toISOString(), valueMinor: amount }
    }),
    held: verdict === 'pending' ? explainHold(event) : null,
    credit: type === 'signup' || type === 'purchase' ? explainCredit(event, registry) : null,
    billing: await explainBilling(event, dependencies),
    history: history.map((row, i) => explainRow(row, history[i - 1])),
  }
}
