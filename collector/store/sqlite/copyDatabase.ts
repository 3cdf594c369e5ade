import { openDatabase } from './database.ts'

/** Copies the database at `path`, as it is at one moment, into a new file: on a connection of its own, so that the writer goes on. */
export function copyDatabase(path: string, copy: string): void {
  const database = openDatabase(path)
  try {
    database.prepare('VACUUM INTO ?').run(copy)
  } finally {
    database.close()
  }
}
