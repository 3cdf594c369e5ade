import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError } from '../store.ts'
import { migrate } from './migrations.ts'

export type Database = DatabaseSync
export type Statement = StatementSync

/** Below it two connections can lose a commit when the WAL is reset (fixed in 3.51.3). */
const MIN_SQLITE = [3, 51, 3] as const

function assertVersion(database: Database): void {
  const version = String(database.prepare('SELECT sqlite_version() AS version').get()?.version)
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const isOld = major - MIN_SQLITE[0] || minor - MIN_SQLITE[1] || patch - MIN_SQLITE[2]
  if (isOld < 0)
    throw new StoreError('store_unavailable', `sqlite store: SQLite ${version} is older than ${MIN_SQLITE.join('.')}; use a newer Node`)
}

/** A commit must be on the disk when it returns: set, then read back, since SQLite ignores what it cannot do. */
function assertDurable(database: Database): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000')
  const mode = database.prepare('PRAGMA journal_mode').get()?.journal_mode
  const synchronous = database.prepare('PRAGMA synchronous').get()?.synchronous
  if (mode !== 'wal' || synchronous !== 2) {
    throw new StoreError(
      'store_unavailable',
      `sqlite store: journal_mode is ${mode} and synchronous ${synchronous}, not wal and 2 (FULL); put the file on a local disk`,
    )
  }
}

/**
 * Opens (makes, where missing) the database at `path`, checks that it is durable and brings its schema up to date.
 *
 * `waitMs` is how long a statement waits for another process that writes, default 5 s; it holds up the whole process.
 * Throws StoreError with the path and the reason.
 */
export function openDatabase(path: string, { waitMs = 5_000 }: { waitMs?: number } = {}): Database {
  let database: Database | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    database = new DatabaseSync(path)
    database.exec(`PRAGMA busy_timeout = ${waitMs}`)
    assertVersion(database)
    assertDurable(database)
    migrate(database)
    return database
  } catch (error) {
    database?.close()
    if (error instanceof StoreError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError('store_unavailable', `sqlite store: cannot open ${path}: ${reason}`, { cause: error })
  }
}
