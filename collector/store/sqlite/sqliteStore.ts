import { groupCommit } from '../groupCommit.ts'
import { type ConfigKind, type ConfigVersion, type FailedEvent, type LedgerEvent, type Outcome, type Store, StoreError } from '../store.ts'
import { openArchive } from './archive.ts'
import { openConnection } from './connection.ts'
import { copyDatabase } from './copyDatabase.ts'
import { openCorrect } from './correct.ts'
import { openCorrections } from './corrections.ts'
import { openCounters } from './counters.ts'
import { type Database, openDatabase } from './database.ts'
import { openFailed } from './failed.ts'
import { openLookup } from './lookup.ts'
import { assertWritable, probe } from './probe.ts'
import { pruneLedger } from './prune.ts'
import { rebuildTotals } from './rebuild.ts'
import { openRecent } from './recent.ts'
import { decodeRow, PRESENT_ROW, ROW_COLUMNS } from './rows.ts'
import { openSeries } from './series.ts'
import { openTexts } from './texts.ts'
import { openTotals } from './totals.ts'
import { uuidBytes } from './uuid.ts'
import { verifyStore } from './verify.ts'
import { openVisitors } from './visitors.ts'
import { openVitals } from './vitals.ts'
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

/** What all that works on one connection shares. */
function namesIn(database: Database) {
  const texts = openTexts(database)
  const series = openSeries(database, texts)
  return {
    database,
    texts,
    series,
    archive: openArchive(database, series),
    counters: openCounters(database),
    recent: openRecent(database, series),
  }
}

/** Runs long reading on a connection of its own, in one transaction, so that it sees one moment and holds up nobody. */
async function inSnapshot<Result>(path: string, work: (own: ReturnType<typeof namesIn>) => Promise<Result>): Promise<Result> {
  const database = openDatabase(path)
  try {
    const own = namesIn(database)
    database.exec('BEGIN')
    return await work(own)
  } finally {
    database.close()
  }
}

/** All that works on one connection. */
function storeParts(database: Database) {
  const names = namesIn(database)
  const failedEvents = openFailed(database)
  const corrections = openCorrections(database, names.texts)
  const writer = openWriter(database, { ...names, corrections, failedEvents })
  return {
    ...names,
    corrections,
    failedEvents,
    writer,
    correct: openCorrect(database, { ...names, corrections, writer }),
    readTotals: openTotals(database, names),
    visitors: openVisitors(database, names),
    vitals: openVitals(database, names.texts),
    lookup: openLookup(database, names),
    readCampaigns: database.prepare(
      // Steps from campaign to campaign along the key, so that it costs the number of campaigns.
      `WITH RECURSIVE step(campaign) AS (
         SELECT min(campaign) FROM totals
         UNION ALL SELECT (SELECT min(campaign) FROM totals WHERE campaign > step.campaign) FROM step WHERE step.campaign IS NOT NULL
       ) SELECT campaign FROM step WHERE campaign IS NOT NULL
       UNION SELECT series.campaign FROM recent JOIN series ON series.id = recent.series`,
    ),
    readLedger: database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`),
    readFirst: database.prepare(
      `SELECT min(at) AS at FROM (
         SELECT min(occurred_at) AS at FROM ledger WHERE campaign = ?1
         UNION ALL SELECT min(at) FROM series JOIN archive ON archive.series = series.id WHERE series.campaign = ?1
       )`,
    ),
    readEvent: database.prepare(PRESENT_ROW),
    readEnd: database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM ledger'),
    readRebuilt: database.prepare("SELECT coalesce(max(count), 0) AS seq FROM counters WHERE name = 'rebuilt'"),
    readConfig: database.prepare('SELECT kind, id, at, value FROM config ORDER BY seq LIMIT -1 OFFSET ?'),
    insertConfig: database.prepare('INSERT INTO config (kind, id, at, value) VALUES (?, ?, ?, ?)'),
  }
}
type Parts = ReturnType<typeof storeParts>

/**
 * The embedded store: one SQLite file at `path`, made where missing.
 *
 * `waitMs` is how long a statement waits for another process that writes; the connection's short wait when left out, for a process that answers
 * requests meanwhile.
 * Throws StoreError when the file cannot be opened or would not be durable.
 */
export function sqliteStore({ path, waitMs }: { path: string; waitMs?: number }): Store {
  const connection = openConnection(path, (database) => {
    if (waitMs !== undefined) database.exec(`PRAGMA busy_timeout = ${waitMs}`)
    return storeParts(database)
  })
  let hasFailed = false // the last write did

  const read = async <Result>(doing: string, work: (parts: Parts) => Result): Promise<Result> =>
    guarded(doing, () => work(connection.parts()))

  function write<Result>(doing: string, work: (parts: Parts) => Result): Result {
    try {
      const result = guarded(doing, () => work(connection.parts()))
      connection.assertInPlace()
      hasFailed = false
      return result
    } catch (error) {
      hasFailed = true
      throw error
    }
  }

  const group = groupCommit<LedgerEvent | FailedEvent, Outcome>({
    commit: (entries) => write('commit', ({ writer }) => writer.append(entries)),
  })

  return {
    append: (events, failed = []) => group.add(failed.length > 0 ? [...events, ...failed] : events),
    adjust: async (requests, now) => write('adjust', ({ correct }) => correct.adjust(requests, now)),
    mature: async (now, limit) => write('let go of what was pending', ({ correct }) => correct.mature(now, limit)),
    async rejudge(options) {
      let changed = 0
      for (let seq = 0; ; ) {
        const done = write('judge anew', ({ correct }) => correct.rejudge({ ...options, afterSeq: seq }))
        changed += done.changed
        if (done.lastSeq === undefined) return changed
        seq = done.lastSeq
        await new Promise((resolve) => setImmediate(resolve)) // others write meanwhile
      }
    },
    adjusted: ({ campaign, since }) => read('read adjustments', ({ correct }) => correct.adjusted(campaign, since)),
    isFull: group.isFull,
    counters: () => read('read counters', ({ counters }) => counters.read()),
    failed: (page) => read('read failed events', ({ failedEvents }) => failedEvents.read(page)),
    dropFailed: async (seqs) => write('drop failed events', ({ failedEvents }) => failedEvents.drop(seqs)),
    ledgerEnd: () => read('read the ledger', ({ readEnd }) => Number(readEnd.get()?.seq)),
    totals: (query) => read('read totals', ({ readTotals }) => readTotals(query)),
    appendVitals: async (list) => write('keep vitals', ({ vitals }) => vitals.add(list)),
    vitals: (query) => read('read vitals', ({ vitals }) => vitals.read(query)),
    firstAt: (campaign) =>
      read('read when a campaign began', ({ readFirst, texts }) => {
        const first = readFirst.get(texts.find(campaign) ?? 0)?.at
        return first === null || first === undefined ? undefined : Number(first)
      }),
    campaigns: () =>
      read('read campaigns', ({ readCampaigns, texts }) => readCampaigns.all().map((row) => texts.textOf(Number(row.campaign)))),
    ledger: ({ afterSeq, limit }) =>
      read('read the ledger', ({ readLedger, ...names }) => readLedger.all(afterSeq, limit).map((row) => decodeRow(row, names))),
    salt: async (day) => write('keep a salt', ({ visitors }) => visitors.salt(day)),
    clicksSince: (at) => read('read clicks', ({ visitors }) => visitors.clicksSince(at)),
    event: (id) =>
      read('read an event', ({ readEvent, ...names }) => {
        const row = readEvent.get(uuidBytes(id))
        if (!row) return undefined
        const { seq, replaces, ...event } = decodeRow(row, names)
        return event
      }),
    history: (id) => read('read an event', ({ lookup }) => lookup.history(id)),
    findConversions: (named) => read('find an event', ({ lookup }) => lookup.find(named)),
    countedEvents: (page) => read('read events', ({ lookup }) => lookup.counted(page)),
    config: (known = 0) =>
      read('read the configuration', ({ readConfig }) =>
        readConfig.all(known).map(
          (row): ConfigVersion => ({
            kind: String(row.kind) as ConfigKind,
            id: String(row.id),
            at: Number(row.at),
            value: JSON.parse(String(row.value)),
          }),
        ),
      ),
    putConfig: async ({ kind, id, at, value }) => {
      write('write the configuration', ({ insertConfig }) => insertConfig.run(kind, id, at, JSON.stringify(value)))
    },
    async backup(copy) {
      connection.assertInPlace()
      guarded(`copy to ${copy}`, () => copyDatabase(path, copy))
    },
    async verify(progress) {
      connection.assertInPlace() // opening what is not there would make it
      return inSnapshot(path, (own) => verifyStore(own.database, { ...own, progress }))
    },
    rebuild: async (progress) => {
      const parts = connection.parts()
      await rebuildTotals(parts.database, { ...parts, progress })
    },
    async prune({ before, cuts = [] }) {
      const parts = connection.parts()
      write('drop failed events', ({ failedEvents }) => failedEvents.dropBefore(before))
      return pruneLedger(parts.database, { ...parts, before, cuts: cuts.toSorted((a, b) => a - b) })
    },
    rebuiltUpTo: () => read('read how far a rebuild is', ({ readRebuilt }) => Number(readRebuilt.get()?.seq)),
    // While all is well it costs no flush, since anybody may ask; after a failure only a real commit tells.
    ready: async () => write('write', ({ database }) => (hasFailed ? probe(database) : assertWritable(database))),
    async close() {
      group.flush()
      try {
        connection.assertInPlace()
      } finally {
        connection.close()
      }
    },
  }
}
