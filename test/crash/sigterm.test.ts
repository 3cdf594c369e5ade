import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { openConnections } from './connections.ts'
import { eventSource, type MadeEvent } from './events.ts'
import { expectExact } from './exact.ts'
import { seededRandom, seedOfRun } from './random.ts'

const STOPS = 50
const CONNECTIONS = 32
const MAX_LIFE_MS = 100
const EXIT_WITHIN_MS = 10_000

let folder: string
let collector: RunningCollector | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-crash-'))
})
afterEach(async () => {
  collector?.child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

it(`answers every request that had arrived, loses nothing and exits 0 at ${STOPS} SIGTERMs under load`, { timeout: 180_000 }, async () => {
  const seed = seedOfRun()
  const random = seededRandom(seed)
  const next = eventSource(random)
  const path = join(folder, 'tallymark.db')
  const sent: MadeEvent[] = []
  const acknowledged: string[] = []
  const figures = { seed, stops: STOPS, arrived: 0, onNewConnections: 0, slowestExitMs: 0 }
  const nextBatch = () => {
    const batch = Array.from({ length: 1 + Math.floor(random() * 5) }, next)
    sent.push(...batch)
    return batch
  }

  for (let stop = 0; stop < STOPS; stop++) {
    collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    const connections = openConnections(Number(new URL(collector.address).port), { count: CONNECTIONS, random, nextBatch })
    await delay(20 + random() * MAX_LIFE_MS)
    // All of a request that the kernel has taken is in the collector's socket, or in a connection that it has yet to accept.
    const arrived = connections.underWay().filter(({ isSent }) => isSent)
    if (stop % 2 === 0) connections.settle() // the others keep knocking at a door that closes
    const startedAt = performance.now()
    expect(await collector.stop('SIGTERM'), collector.output()).toBe(0)
    const exitMs = Math.round(performance.now() - startedAt)
    const exchanges = await connections.finish()

    expect(exitMs).toBeLessThan(EXIT_WITHIN_MS)
    const unanswered = arrived.filter(({ status }) => status !== 202).map(({ batch, ...rest }) => rest)
    expect(unanswered, `stop ${stop}, seed ${seed}`).toEqual([])
    for (const { batch, status } of exchanges) {
      if (status === 202) acknowledged.push(...batch.map(({ id }) => id))
      else expect(status).toBeUndefined()
    }
    figures.arrived += arrived.length
    figures.onNewConnections += arrived.filter(({ isOnKeptConnection }) => !isOnKeptConnection).length
    figures.slowestExitMs = Math.max(figures.slowestExitMs, exitMs)
  }
  process.stdout.write(`${JSON.stringify({ ...figures, acknowledged: acknowledged.length })}\n`)
  expect(figures.arrived).toBeGreaterThan(STOPS)
  await expectExact(path, { sent, acknowledged, isComplete: false })
})
