import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { nextCheckpoint, wasInCheckpoint } from './checkpoint.ts'
import { expectExact } from './exact.ts'
import { seededRandom, seedOfRun } from './random.ts'
import { startSenders } from './senders.ts'

const KILLS = Number(process.env.TALLYMARK_KILLS || 20)
const SENDERS = 16
/** A life of the collector under load before a kill at random, ms. */
const MAX_LIFE_MS = 300
/** No checkpoint for so long means that something else is wrong. */
const CHECKPOINT_WITHIN_MS = 20_000

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-crash-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it(`loses nothing acknowledged and counts nothing twice over ${KILLS} SIGKILLs under load, some in mid-checkpoint`, {
  timeout: 60_000 + KILLS * 5_000,
}, async () => {
  const seed = seedOfRun()
  const random = seededRandom(seed)
  const path = join(folder, 'tallymark.db')
  const startedAt = performance.now()
  let collector: RunningCollector | undefined
  let up = Promise.withResolvers<string>()
  const senders = startSenders({ count: SENDERS, address: () => up.promise, random, logPath: join(folder, 'acknowledged.log') })
  let inCheckpoint = 0
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
      up.resolve(collector.address)
      await senders.nextAcknowledgement()
      if (kill % 2 === 0) await delay(random() * MAX_LIFE_MS)
      else {
        const { begun, cancel } = nextCheckpoint(path)
        await Promise.race([begun, delay(CHECKPOINT_WITHIN_MS, undefined, { ref: false })])
        cancel()
      }
      up = Promise.withResolvers()
      await collector.stop('SIGKILL')
      if (wasInCheckpoint(path)) inCheckpoint += 1
    }
    collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    up.resolve(collector.address)
    await senders.finish()
    expect(await collector.stop('SIGTERM')).toBe(0)
  } finally {
    collector?.child.kill('SIGKILL')
  }
  const { unique } = await expectExact(path, { sent: senders.sent, acknowledged: senders.acknowledged() })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  process.stdout.write(`${JSON.stringify({ seed, kills: KILLS, inCheckpoint, unique, ...senders.figures, seconds })}\n`)
  expect(inCheckpoint).toBeGreaterThan(0)
})
