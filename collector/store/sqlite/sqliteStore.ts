import { groupCommit } from '../groupCommit.ts'
import { type ConfigKind, type ConfigVersion, type FailedEvent, type LedgerEvent, type Outcome, type Store, StoreError } from '../store.ts'
import { type CounterTable, openCounters } from './counters.ts'
import { type Database, openDatabase } from './database.ts'
import { openFailed } from './failed.ts'
import { rebuildTotals } from './rebuild.ts'
import { decodeRow, ROW_COLUMNS } from './rows.ts'
import { openTexts, type Texts } from './texts.ts'
import { openTotals } from './totals.ts'
import { verifyStore } from './verify.ts'
import { openVisitors } from './visitors.ts'
import { openWriter } from './write.ts'

/** What SQLite throws becomes a StoreError that says who speaks. */
function guarded<Result>(doing: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof StoreError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError('store_unavailable', `sqlite store: cannot ${doing}: ${reason}`, { cause: error })
  }
}

/** Runs long reading on a connection of its own, in one transaction, so that it sees one moment and holds up nobody. */
async function inSnapshot<Result>(
  path: string,
  work: (own: { database: Database; texts: Texts; counters: CounterTable }) => Promise<Result>,
): Promise<Result> {
  const database = openDatabase(path)
  try {
    const own = { database, texts: openTexts(database), counters: openCounters(database) }
    database.exec('BEGIN')
    return await work(own)
  } finally {
    database.close()
  }
}

/**
 * The embedded store: one SQLite file at `path`, made where missing.
 *
 * Throws StoreError when the file cannot be opened or would not be durable.
 */
export function sqliteStore({ path }: { path: string }): Store {
  const database = openDatabase(path)
  const texts = openTexts(database)
  const counters = openCounters(database)
  const failedEvents = openFailed(database)
  const write = openWriter(database, { texts, counters, failedEvents })
  const readTotals = openTotals(database, texts)
  const visitors = openVisitors(database, texts)
  const readCampaigns = database.prepare(
    // Steps from campaign to campaign along the key, so that it costs the number of campaigns.
    `WITH RECURSIVE step(campaign) AS (
       SELECT min(campaign) FROM totals
       UNION ALL SELECT (SELECT min(campaign) FROM totals WHERE campaign > step.campaign) FROM step WHERE step.campaign IS NOT NULL
     ) SELECT campaign FROM step WHERE campaign IS NOT NULL`,
  )
  const readLedger = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`)
  const readConfig = database.prepare('SELECT kind, id, at, value FROM config ORDER BY seq')
  const insertConfig = database.prepare('INSERT INTO config (kind, id, at, value) VALUES (?, ?, ?, ?)')
  const group = groupCommit<LedgerEvent | FailedEvent, Outcome>({ commit: (entries) => guarded('commit', () => write(entries)) })

  return {
    append: (events, failed = []) => group.add(failed.length > 0 ? [...events, ...failed] : events),
    isFull: group.isFull,
    counters: async () => guarded('read counters', counters.read),
    failed: async (page) => guarded('read failed events', () => failedEvents.read(page)),
    totals: async (query) => guarded('read totals', () => readTotals(query)),
    campaigns: async () => guarded('read campaigns', () => readCampaigns.all().map((row) => texts.textOf(Number(row.campaign)))),
    ledger: async ({ afterSeq, limit }) =>
      guarded('read the ledger', () => readLedger.all(afterSeq, limit).map((row) => decodeRow(row, texts))),
    salt: async (day) => guarded('keep a salt', () => visitors.salt(day)),
    clicksSince: async (at) => guarded('read clicks', () => visitors.clicksSince(at)),
    config: async () =>
      guarded('read the configuration', () =>
        readConfig.all().map(
          (row): ConfigVersion => ({
            kind: String(row.kind) as ConfigKind,
            id: String(row.id),
            at: Number(row.at),
            value: JSON.parse(String(row.value)),
          }),
        ),
      ),
    putConfig: async ({ kind, id, at, value }) => {
      guarded('write the configuration', () => insertConfig.run(kind, id, at, JSON.stringify(value)))
    },
    verify: (progress) => inSnapshot(path, (own) => verifyStore(own.database, { ...own, progress })),
    rebuild: (progress) => rebuildTotals(database, { texts, progress }),
    ready: async () => guarded('write', () => database.exec('BEGIN IMMEDIATE; ROLLBACK')),
    close: async () => {
      group.flush()
      database.close()
    },
  }
}
