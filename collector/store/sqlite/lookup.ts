import { EVENT_TYPES, type EventType } from '../../../sdk/wire.ts'
import type { LedgerEvent, LedgerRow, PageEnd } from '../store.ts'
import type { Database } from './database.ts'
import { KEY_KINDS } from './keys.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'
import { uuidBytes, uuidText } from './uuid.ts'

/** Rows in the history of one event that are given; each had to add something, so that more are made up. */
const MAX_HISTORY = 200

/** Events given for one order or lead. */
const MAX_FOUND = 10

/** Of late: rows of the ledger that are searched for an order that no counted event has, about 100 ms. */
const SEARCHED_ROWS = 200_000

/** Events looked at for one page of those that count, so that it holds up the writer for some 10 ms. */
const PAGE_EVENTS = 2_000

const EVIDENCE_NAMES = { order: 'orderId', lead: 'leadId' } as const

/** Finds single events, their history, and those that a campaign counts. */
export function openLookup(database: Database, names: Names) {
  const { texts, series } = names
  const historyRows = database.prepare(
    `WITH RECURSIVE chain(at) AS (
       SELECT coalesce((SELECT seq FROM heads WHERE id = ?1), (SELECT seq FROM ledger WHERE id = ?1 AND replaces IS NULL))
       UNION ALL SELECT replaces FROM chain JOIN ledger ON ledger.seq = chain.at WHERE replaces IS NOT NULL
       LIMIT ${MAX_HISTORY}
     ) SELECT ${ROW_COLUMNS} FROM ledger JOIN chain ON ledger.seq = chain.at ORDER BY seq`,
  )
  const keyOwner = database.prepare('SELECT id FROM keys WHERE site = ? AND kind = ? AND key = ?')
  // Text within evidence has its quotes escaped, so that only the field itself matches.
  const byEvidence = database.prepare(
    `SELECT id, series FROM ledger
     WHERE seq > (SELECT max(seq) FROM ledger) - ${SEARCHED_ROWS} AND evidence IS NOT NULL AND instr(evidence, ?) > 0 ORDER BY seq DESC LIMIT 100`,
  )
  const after = '(occurred_at > ?2 OR (occurred_at = ?2 AND seq > ?3))'
  const endOfPage = database.prepare(
    `SELECT occurred_at AS at, seq FROM ledger WHERE campaign = ?1 AND occurred_at >= ?2 AND occurred_at < ?4 AND ${after}
     ORDER BY occurred_at, seq LIMIT 1 OFFSET ${PAGE_EVENTS - 1}`,
  )
  const countedRows = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM ledger
     WHERE campaign = ?1 AND occurred_at >= ?2 AND ${after} AND (occurred_at < ?4 OR (occurred_at = ?4 AND seq <= ?5))
       AND series IN (SELECT id FROM series WHERE campaign = ?1 AND type IN (SELECT value FROM json_each(?6)) AND verdict = 0)
       AND NOT EXISTS (SELECT 1 FROM heads WHERE heads.id = ledger.id AND heads.seq <> ledger.seq)
     ORDER BY occurred_at, seq`,
  )

  return {
    history: (id: string): LedgerRow[] => historyRows.all(uuidBytes(id)).map((row) => decodeRow(row, names)),

    find({ sites, kind, key }: { sites: string[]; kind: 'order' | 'lead'; key: string }): { id: string; site: string }[] {
      const found = new Map<string, string>()
      for (const site of sites) {
        const owner = keyOwner.get(texts.find(site) ?? 0, KEY_KINDS.indexOf(kind), key)
        if (owner) found.set(uuidText(owner.id as Uint8Array), site)
      }
      if (found.size === 0) {
        for (const row of byEvidence.all(`"${EVIDENCE_NAMES[kind]}":${JSON.stringify(key)}`)) {
          const { site } = series.byId(Number(row.series))
          if (sites.includes(site)) found.set(uuidText(row.id as Uint8Array), site)
        }
      }
      return [...found].slice(0, MAX_FOUND).map(([id, site]) => ({ id, site }))
    },

    counted(page: { campaign: string; types: EventType[]; from: number; to: number; after?: PageEnd }): {
      events: LedgerEvent[]
      next?: PageEnd
    } {
      const campaign = texts.find(page.campaign)
      if (campaign === undefined) return { events: [] }
      const { at, seq } = page.after ?? { at: page.from, seq: 0 }
      const types = JSON.stringify(page.types.map((type) => EVENT_TYPES.indexOf(type)))
      const end = endOfPage.get(campaign, at, seq, page.to)
      const next = end && { at: Number(end.at), seq: Number(end.seq) }
      const rows = countedRows.all(campaign, at, seq, next?.at ?? page.to, next?.seq ?? 0, types)
      const events = rows.map((row): LedgerEvent => {
        const { seq: _, replaces: __, ...event } = decodeRow(row, names)
        return event
      })
      return next ? { events, next } : { events }
    },
  }
}
