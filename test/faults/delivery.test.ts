import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventSource } from '../crash/events.ts'
import { expectExact } from '../crash/exact.ts'
import { seededRandom, seedOfRun } from '../crash/random.ts'
import { bodyOf, post, startSenders } from '../crash/senders.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { startProxy, type TcpProxy, type Toxics } from './proxy.ts'

const SENDERS = 8
const seed = seedOfRun()

let folder: string
let path: string
let collector: RunningCollector
let proxy: TcpProxy
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-faults-'))
  path = join(folder, 'tallymark.db')
  collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
  proxy = await startProxy({ target: collector.address, random: seededRandom(seed + 1) })
})
afterEach(async () => {
  await proxy.close()
  collector.child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe(`senders behind a bad line (seed ${seed})`, () => {
  /** Sends through the proxy until `isEnough`, then lets everything be acknowledged. */
  async function sendUntil(isEnough: () => boolean) {
    const logPath = join(folder, 'acknowledged.log')
    const senders = startSenders({ count: SENDERS, address: async () => proxy.address, random: seededRandom(seed), logPath })
    while (!isEnough()) await senders.nextAcknowledgement()
    await senders.finish()
    expect(await collector.stop('SIGTERM')).toBe(0)
    await expectExact(path, { sent: senders.sent, acknowledged: senders.acknowledged() })
    return senders.figures
  }

  it('are counted once though one answer in five is lost', async () => {
    proxy.set({ dropResponse: 0.2 })
    const { duplicates } = await sendUntil(() => proxy.figures.droppedResponses >= 200)
    // What was delivered before its answer was lost is a duplicate when it comes again.
    expect(duplicates).toBeGreaterThan(200)
  })

  it.each<[string, Partial<Toxics>]>([
    ['resets', { reset: 0.2 }],
    ['slices and latency', { sliceBytes: 700, latencyMs: 2 }],
    ['all of it', { reset: 0.1, sliceBytes: 700, latencyMs: 2, dropResponse: 0.1, slowCloseMs: 5, bytesPerSecond: 2_000_000 }],
  ])('are counted once through %s', async (_name, toxics) => {
    proxy.set(toxics)
    let acknowledgements = 0
    await sendUntil(() => ++acknowledgements > 300)
  })

  it('are counted once when the line goes down and comes back', async () => {
    let acknowledgements = 0
    await sendUntil(() => {
      acknowledgements += 1
      if (acknowledgements % 50 === 0) {
        proxy.set({ down: true })
        setImmediate(() => proxy.set({}))
      }
      return acknowledgements > 300
    })
  })

  it('count a POST once that arrives twice at the same time, as Chromium sends it when a connection breaks', async () => {
    const next = eventSource(seededRandom(seed))
    const batches = Array.from({ length: 40 }, () => [next(), next(), next()])
    const twice = batches.flatMap((batch) => [bodyOf(batch), bodyOf(batch)])
    const agent = new Agent({ keepAlive: true })
    const answers = await Promise.all(twice.map((body) => post(collector.address, body, { agent })))
    agent.destroy()
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(await collector.stop('SIGTERM')).toBe(0)
    const sent = batches.flat()
    await expectExact(path, { sent, acknowledged: sent.map(({ id }) => id) })
  })
})
