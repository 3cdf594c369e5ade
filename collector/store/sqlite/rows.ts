import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { type Evidence, type LedgerEvent, type LedgerRow, VERDICTS, WITNESSES } from '../store.ts'
import type { Texts } from './texts.ts'
import { uuidBytes, uuidText } from './uuid.ts'

/** The parts of an event that both its row and the totals need, as the numbers that the store knows them by. */
export interface Numbers {
  site: number
  campaign: number
  type: number
  verdict: number
  witness: number
  /** 0 for none. */
  currency: number
  tags: number
  /** 0 for none. */
  page: number
}

export const ROW_COLUMNS = `seq, replaces, id, occurred_at, lag, site, campaign, type, verdict, witness, viewable,
  view_ratio, view_ms, view_area, value, currency, tags, page, evidence`

/** Parts of one in which a ratio is kept; the wire parser gives no finer one. */
const RATIO_PARTS = 10_000

const TAG_ORDER = ['placement', 'source', 'medium', 'content', 'term', 'device', 'consent'] as const

const sorted = (set: Record<string, string>) => Object.fromEntries(Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)))

/** One text for one set of tags, whatever the order in which a page gave them. */
function tagsText(tags: LedgerEvent['tags']): string {
  const ordered: Record<string, unknown> = {}
  for (const key of TAG_ORDER) if (tags[key] !== undefined) ordered[key] = tags[key]
  if (tags.segment) ordered.segment = sorted(tags.segment)
  if (tags.variant) ordered.variant = sorted(tags.variant)
  return JSON.stringify(ordered)
}

/** Names an event's parts by numbers. Within a write transaction, since it may give out new ones. */
export function numbersOf(event: LedgerEvent, texts: Texts): Numbers {
  return {
    site: texts.idOf(event.site),
    campaign: texts.idOf(event.campaign),
    type: EVENT_TYPES.indexOf(event.type),
    verdict: VERDICTS.indexOf(event.verdict),
    witness: WITNESSES.indexOf(event.witness),
    currency: event.currency === undefined ? 0 : texts.idOf(event.currency),
    // Most events of a page have their tags in the same order: the text as it is names them without sorting.
    tags: texts.idOfAlias(JSON.stringify(event.tags), () => tagsText(event.tags)),
    page: event.evidence.page === undefined ? 0 : texts.idOf(event.evidence.page),
  }
}

function evidenceText({ view, page, ...rest }: Evidence): string | null {
  for (const _key in rest) return JSON.stringify(rest)
  return null
}

/** The values of a row in the order of ROW_COLUMNS. */
export function encodeRow(event: LedgerEvent, { seq, replaces, numbers }: { seq: number; replaces: number | null; numbers: Numbers }) {
  const { view } = event.evidence
  return [
    seq,
    replaces,
    uuidBytes(event.id),
    event.occurredAt,
    event.receivedAt - event.occurredAt,
    numbers.site,
    numbers.campaign,
    numbers.type,
    numbers.verdict,
    numbers.witness,
    event.viewable ? 1 : 0,
    view ? Math.round(view.ratio * RATIO_PARTS) : null,
    view ? view.ms : null,
    view ? view.area : null,
    event.valueMinor ?? null,
    numbers.currency || null,
    numbers.tags,
    numbers.page || null,
    evidenceText(event.evidence),
  ]
}

/** A stored index is only ever one that was written, so a miss means a damaged file. */
function at<Name>(list: readonly Name[], index: unknown): Name {
  const name = list[Number(index)]
  if (name === undefined) throw new Error(`sqlite store: row holds ${index}, which names nothing`)
  return name
}

function decodeEvidence(row: Record<string, unknown>, texts: Texts): Evidence {
  return {
    ...(row.view_ms !== null && {
      view: { ratio: Number(row.view_ratio) / RATIO_PARTS, ms: Number(row.view_ms), area: Number(row.view_area) },
    }),
    ...(row.page !== null && { page: texts.textOf(Number(row.page)) }),
    ...(row.evidence !== null && JSON.parse(String(row.evidence))),
  }
}

export function decodeRow(row: Record<string, unknown>, texts: Texts): LedgerRow {
  const occurredAt = Number(row.occurred_at)
  return {
    seq: Number(row.seq),
    ...(row.replaces !== null && { replaces: Number(row.replaces) }),
    id: uuidText(row.id as Uint8Array),
    type: at(EVENT_TYPES, row.type),
    site: texts.textOf(Number(row.site)),
    campaign: texts.textOf(Number(row.campaign)),
    occurredAt,
    receivedAt: occurredAt + Number(row.lag),
    verdict: at(VERDICTS, row.verdict),
    witness: at(WITNESSES, row.witness),
    tags: JSON.parse(texts.textOf(Number(row.tags))),
    viewable: row.viewable === 1,
    ...(row.value !== null && { valueMinor: Number(row.value) }),
    ...(row.currency !== null && { currency: texts.textOf(Number(row.currency)) }),
    evidence: decodeEvidence(row, texts),
  }
}
