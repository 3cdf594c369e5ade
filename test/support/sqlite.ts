import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import type { StoreUnderTest } from '../store/contract.ts'

/** A fresh folder with a database of its own on the real disk. */
export async function sqlitePlace(): Promise<StoreUnderTest & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  const path = join(folder, 'tallymark.db')
  return {
    path,
    open: async () => sqliteStore({ path }),
    destroy: () => rm(folder, { recursive: true, force: true }),
  }
}
