import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../store.ts'
import { type Database, openDatabase } from './database.ts'
import { assertWritable } from './probe.ts'

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** What stands at a path: database, write-ahead log and index of the log, each as device and inode, '' where there is none. */
function filesAt(path: string): [database: string, log: string, index: string] {
  const identity = (suffix: string) => {
    const found = statSync(path + suffix, { throwIfNoEntry: false })
    return found ? `${found.dev} ${found.ino}` : ''
  }
  return [identity(''), identity('-wal'), identity('-shm')]
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Writes what an open database holds, though its file has no name any more, into a new file at `path`. */
function writeAnew(database: Database, path: string): void {
  const anew = `${path}-anew`
  mkdirSync(dirname(path), { recursive: true })
  try {
    rmSync(anew, { force: true })
    database.prepare('VACUUM INTO ?').run(anew)
    sync(anew)
    renameSync(anew, path)
    sync(dirname(path))
  } finally {
    rmSync(anew, { force: true })
  }
}

/** Moves what the log holds into the database. Throws while another process reads. */
function emptyLog(database: Database): void {
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {}
  if (busy !== 0) throw new Error('another process is using it')
}

/** A connection that is opened anew when its file is replaced. `Parts` is what was prepared on it. */
export interface Connection<Parts> {
  /** What to work with now; not to be kept over an `await`. */
  parts(): Parts
  /**
   * Throws StoreError unless the files at the path are those that were opened.
   *
   * To be asked after each commit: on Linux a file that was deleted can still be written to, and all of it is gone when the process ends.
   * Has dealt with it by the time it throws, where it could: the next commit will be in the file at the path.
   */
  assertInPlace(): void
  close(): void
}

/** Waiting for another process that writes holds up every request; the sender that is refused comes again. */
const WAIT_MS = 250

/** Opens the database at `path`. Throws StoreError when it cannot be opened or would not be durable. */
export function openConnection<Parts>(path: string, prepare: (database: Database) => Parts): Connection<Parts> {
  function open({ waitMs = WAIT_MS } = {}) {
    const database = openDatabase(path, { waitMs })
    try {
      assertWritable(database)
      database.exec(`PRAGMA busy_timeout = ${WAIT_MS}`)
      return { database, files: filesAt(path), parts: prepare(database) }
    } catch (error) {
      database.close()
      throw new StoreError('store_unavailable', `sqlite store: cannot write to ${path}: ${reasonOf(error)}`, { cause: error })
    }
  }
  // Nobody is kept waiting yet.
  let opened: ReturnType<typeof open> | undefined = open({ waitMs: 5_000 })

  /** Saves what can be saved, opens what is at the path then, and says what it did. */
  function recover({ database, files }: ReturnType<typeof open>, [file]: string[]): string {
    let done: string
    if (file === files[0]) {
      emptyLog(database)
      done = 'lost its -wal or -shm file while running; what that held was kept'
    } else if (file === '') {
      writeAnew(database, path)
      done = 'was deleted while running; all that it held was written into a new file'
    } else {
      done = 'was replaced by another file while running, which is used from now on; what the former held is lost'
    }
    opened = undefined
    database.close()
    // SQLite leaves the log of a file that is gone, and would play it into the new one.
    filesAt(path).forEach((found, i) => {
      if (i > 0 && found !== '' && found === files[i]) rmSync(path + ['', '-wal', '-shm'][i])
    })
    opened = open()
    return done
  }

  return {
    parts() {
      opened ??= open()
      return opened.parts
    },
    assertInPlace() {
      if (!opened) return
      let done: string
      try {
        const found = filesAt(path)
        if (opened.files.every((file, i) => file === found[i])) return
        done = recover(opened, found)
      } catch (error) {
        throw new StoreError(
          'store_unavailable',
          `sqlite store: ${path} is not the file that was opened, and nothing is taken until that is mended: ${reasonOf(error)}`,
          { cause: error },
        )
      }
      throw new StoreError('store_unavailable', `sqlite store: ${path} ${done}. Stop the collector before you touch its files`)
    },
    close() {
      opened?.database.close()
      opened = undefined
    },
  }
}
