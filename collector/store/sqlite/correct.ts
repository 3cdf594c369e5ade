import { adjust } from '../adjust.ts'
import { dueAtOf, holdOf, reportedState, withAdjustment } from '../present.ts'
import type { AdjustmentOutcome, AdjustmentRequest, Hold, LedgerEvent, LedgerRow } from '../store.ts'
import type { Corrections } from './corrections.ts'
import type { Database } from './database.ts'
import { keyOfOrder } from './keys.ts'
import { decodeRow, type Names, PRESENT_ROW, ROW_COLUMNS } from './rows.ts'
import { uuidBytes, uuidText } from './uuid.ts'
import type { Revision, Writer } from './write.ts'

/** Conversions judged anew in one transaction. */
const CHUNK = 500

/** What becomes of conversions after they were reported. */
export interface Correct {
  adjust(requests: AdjustmentRequest[], now: number): AdjustmentOutcome[]
  mature(now: number, limit: number): number
  /** One part of the work; without `lastSeq` it was the last. */
  rejudge(options: { campaign: string; since: number; id: string; now: number; afterSeq: number; hold: (event: LedgerEvent) => Hold }): {
    changed: number
    lastSeq?: number
  }
  adjusted(campaign: string, since: number): LedgerEvent[]
}

const withoutSeq = ({ seq, replaces, ...event }: LedgerRow): LedgerEvent => event

/** Neither now nor later does it make a difference. */
const isHeldAlike = (a: LedgerEvent, b: LedgerEvent) =>
  a.verdict === b.verdict &&
  dueAtOf(a) === dueAtOf(b) &&
  (a.witness !== 'browser' || holdOf(a.evidence).awaits === holdOf(b.evidence).awaits)

export function openCorrect(
  database: Database,
  { series, texts, corrections, writer }: Names & { corrections: Corrections; writer: Writer },
): Correct {
  const keyOwner = database.prepare('SELECT id FROM keys WHERE site = ? AND kind = ? AND key = ?')
  const presentRow = database.prepare(PRESENT_ROW)
  const conversions = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM ledger JOIN (SELECT id AS one FROM series WHERE campaign = ?1 AND type >= 2) ON series = one
     WHERE seq > ?2 AND occurred_at >= ?3 AND NOT EXISTS (SELECT 1 FROM heads WHERE heads.id = ledger.id AND heads.seq <> ledger.seq)
     ORDER BY seq LIMIT ${CHUNK}`,
  )

  function adjustOne({ find, put }: Revision, request: AdjustmentRequest): AdjustmentOutcome {
    const { kind, key } = keyOfOrder(request.order)
    const what = 'orderId' in request.order ? 'orderId' : 'leadId'
    const missing = (why: string): AdjustmentOutcome => ({ outcome: 'refused', code: 'not_found', field: what, message: `${what}: ${why}` })
    const owner = keyOwner.get(texts.find(request.site) ?? 0, kind, key)
    if (!owner) return missing(`"${key}" is not known on this site; report it first, with POST /v1/conversions`)
    const known = find(uuidText(owner.id as Uint8Array))
    if (!known) return missing(`"${key}" is older than the time for which details are kept (TALLYMARK_RETENTION_DAYS)`)
    const taken = corrections.eventOf(request.site, request.id)
    if (taken !== undefined && taken !== known.id) {
      const message = `id: "${request.id}" corrected another order already; give this adjustment an id of its own`
      return { outcome: 'refused', code: 'id_conflict', field: 'id', message }
    }
    const result = adjust(withoutSeq(known), request)
    if (result.outcome === 'accepted') put(known, result.event)
    return result
  }

  return {
    adjust: (requests, now) => writer.revise(now, (revision) => requests.map((request) => adjustOne(revision, request))),
    mature: (now, limit) =>
      writer.revise(now, ({ find, put }) => {
        const ids = corrections.due(now, limit)
        for (const id of ids) {
          const known = find(id)
          if (known)
            put(known, withAdjustment(withoutSeq(known), { id: 'mature', action: 'mature', at: holdOf(known.evidence).dueAt ?? now }))
        }
        return ids.length
      }),
    rejudge: ({ campaign, since, id, now, afterSeq, hold }) =>
      writer.revise(now, ({ put }) => {
        const rows = conversions.all(texts.find(campaign) ?? 0, afterSeq, since).map((row) => decodeRow(row, { series, texts }))
        let changed = 0
        for (const row of rows) {
          const before = withoutSeq(row)
          const after = withAdjustment(before, { id, action: 'judge', at: now, hold: hold(before) })
          if (reportedState(before).verdict !== 'counted' || isHeldAlike(before, after)) continue
          put(row, after)
          changed += 1
        }
        const lastSeq = rows.at(-1)?.seq
        return { changed, ...(rows.length === CHUNK && lastSeq !== undefined && { lastSeq }) }
      }),
    adjusted: (campaign, since) =>
      corrections.since(campaign, since).flatMap((id) => {
        const row = presentRow.get(uuidBytes(id))
        return row ? withoutSeq(decodeRow(row, { series, texts })) : []
      }),
  }
}
