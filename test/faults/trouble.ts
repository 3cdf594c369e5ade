import { spawnSync } from 'node:child_process'
import { appendFileSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { attachStrace } from '../crash/strace.ts'

/** Trouble that is made for a running collector, and taken away from it. */
export interface Trouble {
  end(): Promise<void> | void
}

/** A folder for a database. */
export interface Place {
  folder: string
  destroy(): Promise<void>
}

export async function plainFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tallymark-faults-'))
  return { folder, destroy: () => rm(folder, { recursive: true, force: true }) }
}

/** A disk of 16 MB of its own. Only root may make one: undefined for others. */
export async function smallDisk(): Promise<Place | undefined> {
  const place = await plainFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place.folder])
  if (status !== 0) {
    await place.destroy()
    return undefined
  }
  return {
    folder: place.folder,
    async destroy() {
      spawnSync('umount', [place.folder])
      await place.destroy()
    },
  }
}

/** Fills the disk that `folder` is on to the last byte. Only for one that was made for it. */
export function fillDisk(folder: string): Trouble {
  const filler = join(folder, 'filler')
  for (let size = 1_048_576; size >= 1; size /= 16) {
    try {
      for (;;) appendFileSync(filler, Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  return { end: () => rmSync(filler) }
}

/** Another process's write that does not end. */
export function lockDatabase(path: string): Trouble {
  const database = new DatabaseSync(path)
  database.exec('BEGIN IMMEDIATE')
  return {
    end() {
      database.exec('ROLLBACK')
      database.close()
    },
  }
}

/** From now on the kernel answers a system call of the process with an error instead of doing it. */
export async function failCall(pid: number, call: string, error: string): Promise<Trouble> {
  const { detach } = await attachStrace(pid, ['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`, '-o', '/dev/null'])
  return { end: detach }
}
