import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../collector/store/store.ts'
import { seededRandom, seedOfRun } from '../crash/random.ts'
import { startSenders } from '../crash/senders.ts'
import { ledgerEventOf, NOON } from '../support/events.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { startCommand, tallymark } from './tallymark.ts'

/** Of a campaign of its own, so that what is sent meanwhile is counted apart. 20 transactions of a rebuild. */
const BEFORE = 100_000

let place: Awaited<ReturnType<typeof sqlitePlace>>
let store: Store | undefined
let collector: RunningCollector | undefined
beforeEach(async () => {
  place = await sqlitePlace()
  store = await place.open()
  for (let n = 0; n < BEFORE; n += 1_000) {
    await store.append(
      Array.from({ length: 1_000 }, (_, i) => ledgerEventOf({ n: n + i, campaign: 'before', tags: { placement: `p${i % 20}` } })),
    )
  }
  const database = new DatabaseSync(place.path)
  database.exec('UPDATE totals SET count = 7')
  database.close()
})
afterEach(async () => {
  collector?.child.kill('SIGKILL')
  collector = undefined
  await store?.close()
  await place.destroy()
})

const countOf = async (campaign: string) => {
  const rows = (await store?.totals({ campaign, edges: [0, Date.now() + NOON], dimensions: [] })) ?? []
  return rows.reduce((sum, { count }) => sum + count, 0)
}

describe('tallymark rebuild', () => {
  it('goes on after SIGKILL where it was, says so, and mends the totals', async () => {
    const running = startCommand(place.path, ['rebuild'])
    while ((await store?.rebuiltUpTo()) === 0 && running.child.exitCode === null) await setImmediate()
    running.child.kill('SIGKILL')
    expect((await running.ended).code).toBeNull()
    const taken = Number(await store?.rebuiltUpTo())
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(BEFORE)
    const { code, stderr } = await tallymark(place.path, 'rebuild')
    expect(code).toBe(0)
    expect(stderr).toContain(`Going on where an earlier run was stopped, after ${taken.toLocaleString('en')} of 100,000.\n`)
    expect(stderr).toContain('Rebuilding 100 % (100,000 of 100,000)')
    expect([await countOf('before'), await store?.rebuiltUpTo()]).toEqual([BEFORE, 0])
    expect(await store?.verify()).toEqual([])
    expect((await tallymark(place.path, 'rebuild')).stderr).not.toContain('Going on')
  })

  it('loses and doubles nothing that a collector takes meanwhile', async () => {
    const running = await startCollector({ TALLYMARK_STORE: `sqlite:${place.path}` })
    collector = running
    const logPath = join(place.path, '../acknowledged.log')
    const senders = startSenders({ count: 8, address: async () => running.address, random: seededRandom(seedOfRun()), logPath })
    await senders.nextAcknowledgement()
    for (let run = 0; run < 3; run++) {
      const before = senders.figures.acknowledged
      expect(await tallymark(place.path, 'rebuild')).toMatchObject({ code: 0 })
      expect(senders.figures.acknowledged, 'taken meanwhile').toBeGreaterThan(before)
    }
    await senders.finish()
    expect(await running.stop('SIGTERM')).toBe(0)
    const unique = new Set(senders.sent.map(({ id, orderId }) => orderId ?? id)).size
    expect([await countOf('before'), await countOf('spring')]).toEqual([BEFORE, unique])
    expect(await tallymark(place.path, 'verify')).toMatchObject({ code: 0 })
  })
})
