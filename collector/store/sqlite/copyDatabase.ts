import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { openDatabase } from './database.ts'

function sync(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/**
 * Copies the database at `path`, as it is at one moment, into a new file: on a connection of its own, so that the writer goes on.
 *
 * SQLite's own backup begins again whenever another process writes; VACUUM INTO reads one snapshot. The copy gets its name when it is
 * whole and on the disk, by a link, which unlike a rename never replaces a file. Throws when there is one.
 */
export function copyDatabase(path: string, copy: string): void {
  const partial = `${copy}.partial`
  const database = openDatabase(path)
  try {
    rmSync(partial, { force: true }) // of a run that was killed
    database.prepare('VACUUM INTO ?').run(partial)
    sync(partial)
    linkSync(partial, copy)
    sync(dirname(copy))
  } finally {
    database.close()
    rmSync(partial, { force: true })
  }
}
