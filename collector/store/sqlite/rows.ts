import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { type LedgerEvent, type LedgerRow, VERDICTS, WITNESSES } from '../store.ts'
import type { Texts } from './texts.ts'

export const ROW_COLUMNS =
  'seq, replaces, id, occurred_at, received_at, site, campaign, type, verdict, witness, viewable, value, currency, tags, evidence'

export const uuidBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex')

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

const TAG_ORDER = ['placement', 'source', 'medium', 'content', 'term', 'device', 'consent'] as const

const sorted = (set: Record<string, string>) => Object.fromEntries(Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)))

/** One text for one set of tags, whatever the order in which a page gave them. */
export function tagsText(tags: LedgerEvent['tags']): string {
  const ordered: Record<string, unknown> = {}
  for (const key of TAG_ORDER) if (tags[key] !== undefined) ordered[key] = tags[key]
  if (tags.segment) ordered.segment = sorted(tags.segment)
  if (tags.variant) ordered.variant = sorted(tags.variant)
  return JSON.stringify(ordered)
}

function evidenceText(evidence: LedgerEvent['evidence']): string | null {
  const text = JSON.stringify(evidence)
  return text === '{}' ? null : text
}

/** The values of a row in the order of ROW_COLUMNS. Within a write transaction, since it may name new texts. */
export function encodeRow(event: LedgerEvent, { seq, replaces, texts }: { seq: number; replaces: number | null; texts: Texts }) {
  return [
    seq,
    replaces,
    uuidBytes(event.id),
    event.occurredAt,
    event.receivedAt,
    texts.idOf(event.site),
    texts.idOf(event.campaign),
    EVENT_TYPES.indexOf(event.type),
    VERDICTS.indexOf(event.verdict),
    WITNESSES.indexOf(event.witness),
    event.viewable ? 1 : 0,
    event.valueMinor ?? null,
    event.currency === undefined ? null : texts.idOf(event.currency),
    texts.idOf(tagsText(event.tags)),
    evidenceText(event.evidence),
  ]
}

/** A stored index is only ever one that was written, so a miss means a damaged file. */
function at<Name>(list: readonly Name[], index: unknown): Name {
  const name = list[Number(index)]
  if (name === undefined) throw new Error(`sqlite store: row holds ${index}, which names nothing`)
  return name
}

export function decodeRow(row: Record<string, unknown>, texts: Texts): LedgerRow {
  return {
    seq: Number(row.seq),
    ...(row.replaces !== null && { replaces: Number(row.replaces) }),
    id: uuidText(row.id as Uint8Array),
    type: at(EVENT_TYPES, row.type),
    site: texts.textOf(Number(row.site)),
    campaign: texts.textOf(Number(row.campaign)),
    occurredAt: Number(row.occurred_at),
    receivedAt: Number(row.received_at),
    verdict: at(VERDICTS, row.verdict),
    witness: at(WITNESSES, row.witness),
    tags: JSON.parse(texts.textOf(Number(row.tags))),
    viewable: row.viewable === 1,
    ...(row.value !== null && { valueMinor: Number(row.value) }),
    ...(row.currency !== null && { currency: texts.textOf(Number(row.currency)) }),
    evidence: row.evidence === null ? {} : JSON.parse(String(row.evidence)),
  }
}
