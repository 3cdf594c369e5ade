import { dueAtOf } from '../present.ts'
import type { LedgerEvent } from '../store.ts'
import type { Database } from './database.ts'
import type { Texts } from './texts.ts'
import { uuidBytes, uuidText } from './uuid.ts'

/** Indexes of what becomes of conversions later: which corrections are known, and what waits for its validation period to end. */
export interface Corrections {
  /** An event came, or its state changed. Within a write transaction. */
  follow(before: LedgerEvent | undefined, after: LedgerEvent): void
  /** The event that a correction of a site went to. */
  eventOf(site: string, id: string): string | undefined
  /** Ids of events of a campaign that were corrected since an instant (ms), each once. */
  since(campaign: string, at: number): string[]
  /** Ids of events that are due by an instant (ms), the longest first. */
  due(at: number, limit: number): string[]
  /** An event is known by its id alone from now on. Within a write transaction. */
  drop(event: LedgerEvent): void
}

/** Our own adjustments are no one's correction; the event alone knows them. */
export const ownCorrections = ({ evidence }: LedgerEvent) =>
  (evidence.adjustments ?? []).filter(({ action }) => action !== 'mature' && action !== 'judge')

export function openCorrections(database: Database, texts: Texts): Corrections {
  const insert = database.prepare(
    `INSERT INTO adjustments (site, id, event, campaign, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET campaign = excluded.campaign WHERE event = excluded.event`,
  )
  const remove = database.prepare('DELETE FROM adjustments WHERE site = ? AND id = ?')
  const select = database.prepare('SELECT event FROM adjustments WHERE site = ? AND id = ?')
  const selectSince = database.prepare('SELECT DISTINCT event FROM adjustments WHERE campaign = ? AND at >= ?')
  const insertDue = database.prepare('INSERT INTO due (at, id) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const removeDue = database.prepare('DELETE FROM due WHERE at = ? AND id = ?')
  const selectDue = database.prepare('SELECT id FROM due WHERE at <= ? ORDER BY at, id LIMIT ?')

  const drop = (event: LedgerEvent) => {
    const due = dueAtOf(event)
    if (due !== undefined) removeDue.run(due, uuidBytes(event.id))
  }
  return {
    follow(before, after) {
      if (before) drop(before)
      const due = dueAtOf(after)
      if (due !== undefined) insertDue.run(due, uuidBytes(after.id))
      for (const { id, at } of ownCorrections(after))
        insert.run(texts.idOf(after.site), id, uuidBytes(after.id), texts.idOf(after.campaign), at)
    },
    eventOf(site, id) {
      const row = select.get(texts.find(site) ?? 0, id)
      return row && uuidText(row.event as Uint8Array)
    },
    since: (campaign, at) => selectSince.all(texts.find(campaign) ?? 0, at).map((row) => uuidText(row.event as Uint8Array)),
    due: (at, limit) => selectDue.all(at, limit).map((row) => uuidText(row.id as Uint8Array)),
    drop(event) {
      drop(event)
      for (const { id } of ownCorrections(event)) remove.run(texts.idOf(event.site), id)
    },
  }
}
