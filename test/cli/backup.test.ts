import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import { seededRandom, seedOfRun } from '../crash/random.ts'
import { startSenders } from '../crash/senders.ts'
import { ledgerEventOf } from '../support/events.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { tallymark } from './tallymark.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
let copy: string
let collector: RunningCollector | undefined
beforeEach(async () => {
  place = await sqlitePlace()
  copy = join(dirname(place.path), 'copy.db')
})
afterEach(async () => {
  collector?.child.kill('SIGKILL')
  collector = undefined
  await place.destroy()
})

const filesLike = (name: string) => readdirSync(dirname(place.path)).filter((file) => file.startsWith(name))

describe('tallymark backup', () => {
  it('copies all that was acknowledged before, while a collector goes on taking events', async () => {
    const running = await startCollector({ TALLYMARK_STORE: `sqlite:${place.path}` })
    collector = running
    const logPath = join(dirname(place.path), 'acknowledged.log')
    const senders = startSenders({ count: 8, address: async () => running.address, random: seededRandom(seedOfRun()), logPath })
    await senders.nextAcknowledgement()
    const before = senders.acknowledged()
    const ended = await tallymark(place.path, 'backup', copy)
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Copied to \S+copy\.db, [\d,]+ bytes\.\n$/), stderr: '' })
    expect(senders.figures.acknowledged, 'taken meanwhile').toBeGreaterThan(before.length)
    await senders.finish()
    expect(await running.stop('SIGTERM')).toBe(0)
    expect(filesLike('copy')).toEqual(['copy.db'])

    expect(await tallymark(copy, 'verify')).toMatchObject({ code: 0 })
    const store = sqliteStore({ path: copy })
    const rows = await store.ledger({ afterSeq: 0, limit: 1_000_000 })
    const known = new Set(rows.flatMap(({ id, evidence }) => [id, evidence.orderId]))
    const orderOf = new Map(senders.sent.map(({ id, orderId }) => [id, orderId]))
    expect(before.filter((id) => !known.has(id) && !known.has(orderOf.get(id)))).toEqual([])
    expect((await store.config()).some(({ kind }) => kind === 'secret')).toBe(true)
    await store.close()
  })

  it('leaves a file that is there as it is', async () => {
    const store = await place.open()
    await store.append([ledgerEventOf()])
    writeFileSync(copy, 'mine')
    expect(await tallymark(place.path, 'backup', copy)).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
    await expect(store.backup(copy)).rejects.toThrow(/^sqlite store: cannot copy to \S+copy\.db: /)
    expect(readFileSync(copy, 'utf8')).toBe('mine')
    expect(filesLike('copy')).toEqual(['copy.db'])
    await store.close()
  })

  it('begins anew after a run that was killed', async () => {
    const store = await place.open()
    await store.append([ledgerEventOf()])
    writeFileSync(`${copy}.partial`, 'half a database')
    await store.backup(copy)
    await store.close()
    expect(filesLike('copy')).toEqual(['copy.db'])
    expect(await tallymark(copy, 'verify')).toMatchObject({ code: 0 })
  })
})
