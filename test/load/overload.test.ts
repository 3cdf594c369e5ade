import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { batchOf, openClient } from './client.ts'

/** `npm run test:overload` takes 60 s. */
const SECONDS = Number(process.env.TALLYMARK_OVERLOAD_SECONDS ?? 4)
/** 1,200 batches of 100 are waiting at once: over twice what the queue takes, on top of what is being committed. */
const CLIENTS = 1_200
const BATCH = 100
/** What the queue may hold, its batches as they arrived and as events, fits; a queue without a bound ends the process in the first second. */
const HEAP_MIB = 160

let folder: string
let path: string
let collector: RunningCollector
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  path = join(folder, 'tallymark.db')
  collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}`, NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` })
})
afterEach(async () => {
  await collector.stop('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

const portOf = ({ address }: RunningCollector) => Number(new URL(address).port)
/** Resident memory of a process in MiB; Linux only, as the machines that run this in earnest. */
const residentMiB = (pid: number | undefined) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

describe('more than the machine can take', () => {
  it(
    'is refused with 503, nothing of it is lost or half counted, and then all is as before',
    async () => {
      const port = portOf(collector)
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => openClient(port)))
      const statuses: Record<number, number> = {}
      const memory: number[] = []
      const end = performance.now() + SECONDS * 1_000
      const sampler = setInterval(() => memory.push(residentMiB(collector.child.pid)), 250)
      await Promise.all(
        clients.map(async (client) => {
          while (performance.now() < end) {
            const status = await client.post(batchOf(BATCH))
            statuses[status] = (statuses[status] ?? 0) + 1
          }
        }),
      )
      clearInterval(sampler)
      const { 202: taken = 0, 503: refused = 0, ...others } = statuses
      expect(others).toEqual({})
      expect(taken).toBeGreaterThan(0)
      expect(refused).toBeGreaterThan(0)

      const start = performance.now()
      expect(await clients[0]?.post(batchOf(1))).toBe(202)
      expect(performance.now() - start).toBeLessThan(1_000)
      for (const client of clients) client.close()

      expect(await collector.stop('SIGTERM')).toBe(0)
      const store = sqliteStore({ path })
      const { received, counted } = await store.counters()
      expect([received, counted]).toEqual([taken * BATCH + 1, taken * BATCH + 1])
      expect(await store.verify()).toEqual([])
      await store.close()
      // The heap has its limit above; beside it lie the sockets' buffers and SQLite's pages, which grow once to what the load takes.
      expect(Math.max(...memory)).toBeLessThan(700)
      if (SECONDS >= 30) {
        const half = Math.floor(memory.length / 2)
        expect(Math.max(...memory.slice(half))).toBeLessThan(Math.max(...memory.slice(0, half)) * 1.3)
      }
      collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    },
    (SECONDS + 60) * 1_000,
  )

  it('does not starve others when it is a thousand clients that send nothing to the end', async () => {
    const port = portOf(collector)
    const quick = await openClient(port)
    const time = async () => {
      const times: number[] = []
      for (let i = 0; i < 400; i++) {
        const start = performance.now()
        expect(await quick.post(batchOf(1))).toBe(202)
        times.push(performance.now() - start)
      }
      return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0
    }
    const alone = await time()
    const closed: Promise<string>[] = []
    for (let i = 0; i < 1_000; i++) {
      const socket = connect(port, '127.0.0.1')
      let answer = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk
      })
      socket.on('error', () => {})
      // Half stop in the headers, half in the body.
      socket.write(i % 2 ? 'POST /v1/events HTTP/1.1\r\nHo' : 'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"site"')
      closed.push(new Promise((resolve) => socket.on('close', () => resolve(answer))))
    }
    const crowded = await time()
    expect(crowded).toBeLessThan(Math.max(2 * alone, 250))
    const start = performance.now()
    const answers = await Promise.all(closed)
    expect(performance.now() - start).toBeLessThan(20_000)
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 408'))).toBe(true)
    quick.close()
  })
})
