import { type FSWatcher, readFileSync, watch } from 'node:fs'

/**
 * Whether a checkpoint was under way when the process that made this index of the log was killed.
 *
 * SQLite writes there how many frames it is about to copy into the database before it begins (nBackfillAttempted, byte 128) and how many
 * it has copied and synced after it is done (nBackfill, byte 96): https://sqlite.org/walformat.html#the_wal_index_file_format
 */
export function wasInCheckpoint(path: string): boolean {
  const index = readFileSync(`${path}-shm`)
  return index.readUInt32LE(128) > index.readUInt32LE(96)
}

/** Resolves at the next write to the database itself: in WAL mode only a checkpoint writes there. `cancel` lets go. */
export function nextCheckpoint(path: string): { begun: Promise<void>; cancel: () => void } {
  let watcher: FSWatcher | undefined
  const begun = new Promise<void>((resolve) => {
    watcher = watch(path, () => resolve())
  })
  return { begun, cancel: () => watcher?.close() }
}
