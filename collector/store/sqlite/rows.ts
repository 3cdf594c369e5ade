import type { Evidence, LedgerEvent, LedgerRow } from '../store.ts'
import type { Series, SeriesTable } from './series.ts'
import type { Texts } from './texts.ts'
import { uuidBytes, uuidText } from './uuid.ts'

/** What a row is read by. */
export interface Names {
  series: SeriesTable
  texts: Texts
}

const WRITTEN = 'id, occurred_at, lag, campaign, series, viewable, view_ratio, view_ms, view_area, value, page, evidence'

export const ROW_COLUMNS = `seq, replaces, ${WRITTEN}`

const PLACES = WRITTEN.replaceAll(/\w+/g, '?')

/** Adds `count` events, but none whose id is there. Takes `encodeRow` of each. */
export const insertRowsSql = (count: number) =>
  `INSERT INTO ledger (${WRITTEN}) VALUES ${Array(count).fill(`(${PLACES})`).join(', ')} ON CONFLICT DO NOTHING`

/** Adds the later state of an event. Takes the row it replaces, then `encodeRow`. */
export const INSERT_LATER_ROW = `INSERT INTO ledger (replaces, ${WRITTEN}) VALUES (?, ${PLACES})`

/** The row with the present state of an event. Takes its id. */
export const PRESENT_ROW = `SELECT ${ROW_COLUMNS} FROM ledger
  WHERE seq = coalesce((SELECT seq FROM heads WHERE id = ?1), (SELECT seq FROM ledger WHERE id = ?1 AND replaces IS NULL))`

/** Parts of one in which a ratio is kept; the wire parser gives no finer one. */
const RATIO_PARTS = 10_000

/** Only a value's currency is part of the series. */
interface KeptEvidence extends Omit<Evidence, 'view' | 'page'> {
  currency?: string
}

function evidenceText({ evidence, valueMinor, currency }: LedgerEvent): string | null {
  let isEmpty = valueMinor !== undefined || currency === undefined
  for (const key in evidence) if (key !== 'view' && key !== 'page') isEmpty = false
  if (isEmpty) return null // most events; they are not worth a copy
  const { view, page, ...kept }: KeptEvidence & Evidence = evidence
  if (valueMinor === undefined && currency !== undefined) kept.currency = currency
  return JSON.stringify(kept)
}

type Kept = number | string | null

/** What is written of an event, its id first. */
export function encodeRow(event: LedgerEvent, { id, numbers }: Series, texts: Texts): [id: Uint8Array, ...Kept[]] {
  const { view, page } = event.evidence
  return [
    uuidBytes(event.id),
    event.occurredAt,
    event.receivedAt - event.occurredAt,
    numbers.campaign,
    id,
    event.viewable ? 1 : 0,
    view ? Math.round(view.ratio * RATIO_PARTS) : null,
    view ? view.ms : null,
    view ? view.area : null,
    event.valueMinor ?? null,
    page === undefined ? null : texts.idOf(page),
    evidenceText(event),
  ]
}

export function decodeRow(row: Record<string, unknown>, { series, texts }: Names): LedgerRow {
  const { type, site, campaign, verdict, witness, tags, currency } = series.byId(Number(row.series))
  const { currency: alone, ...kept }: KeptEvidence = row.evidence === null ? {} : JSON.parse(String(row.evidence))
  const occurredAt = Number(row.occurred_at)
  const told = currency ?? alone
  return {
    seq: Number(row.seq),
    ...(row.replaces !== null && { replaces: Number(row.replaces) }),
    id: uuidText(row.id as Uint8Array),
    type,
    site,
    campaign,
    occurredAt,
    receivedAt: occurredAt + Number(row.lag),
    verdict,
    witness,
    tags,
    viewable: row.viewable === 1,
    ...(row.value !== null && { valueMinor: Number(row.value) }),
    ...(told !== undefined && { currency: told }),
    evidence: {
      ...(row.view_ms !== null && {
        view: { ratio: Number(row.view_ratio) / RATIO_PARTS, ms: Number(row.view_ms), area: Number(row.view_area) },
      }),
      ...(row.page !== null && { page: texts.textOf(Number(row.page)) }),
      ...kept,
    },
  }
}
