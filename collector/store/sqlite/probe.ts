import type { Database } from './database.ts'
import { transaction } from './transaction.ts'

/** About what a full group of events writes. A little would still fit into the log when a disk is full. */
const BYTES = 262_144

/**
 * Throws what SQLite throws when another process holds the write lock or the file may only be read, and writes nothing.
 *
 * SQLite opens without a word what it may only read, and makes BEGIN IMMEDIATE on it a read transaction: only a statement that writes is refused.
 */
export function assertWritable(database: Database): void {
  database.exec('DELETE FROM salts WHERE FALSE')
}

/** Commits as much as a large group of events does, and takes it back. Throws what SQLite throws. */
export function probe(database: Database): void {
  transaction(database, () => database.exec(`CREATE TABLE IF NOT EXISTS probe (bytes BLOB); INSERT INTO probe VALUES (zeroblob(${BYTES}))`))
  database.exec('DROP TABLE probe')
}
