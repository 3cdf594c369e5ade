import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { eventSource } from './events.ts'
import { seededRandom } from './random.ts'
import { bodyOf, post } from './senders.ts'
import { attachStrace } from './strace.ts'
import { answersInOrder, parseSystemCalls } from './systemCalls.ts'

const CALLS = 'read,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync'
/** Above the largest request and a page of the log, so that nothing is cut. */
const MAX_DATA = '65536'

let folder: string
let collector: RunningCollector | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-crash-'))
})
afterEach(async () => {
  collector?.child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

describe('system calls of the collector', () => {
  it('hand a 2xx to the socket only after the flush of the log that holds its events has returned', async () => {
    collector = await startCollector({ TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}` })
    const { address, child } = collector
    const output = join(folder, 'calls')
    const strace = await attachStrace(child.pid ?? 0, ['-tt', '-yy', '-xx', '-s', MAX_DATA, '-e', `trace=${CALLS}`, '-o', output])
    const anyEvent = eventSource(seededRandom(1))
    // The second report of an order goes into the ledger under the id of the first.
    const next = () => {
      for (;;) {
        const event = anyEvent()
        if (event.orderId === undefined) return event
      }
    }
    const agent = new Agent({ keepAlive: true })
    const send = async (count: number) => {
      const { status } = await post(address, bodyOf(Array.from({ length: count }, next)), { agent })
      expect(status).toBe(202)
    }
    for (let n = 0; n < 20; n++) await send(1)
    for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 20 }, (_, n) => send(1 + (n % 4))))
    agent.destroy()
    await strace.detach()

    const { answers, flushes } = answersInOrder(parseSystemCalls(await readFile(output, 'utf8')))
    expect(answers).toHaveLength(120)
    expect(answers.flatMap(({ ids }) => ids)).toHaveLength(20 + 5 * 50)
    expect(answers.filter(({ tooEarly }) => tooEarly.length > 0)).toEqual([])
    expect(flushes, 'flushes: some were shared').toBeLessThan(answers.length)
  })
})

describe('answersInOrder', () => {
  const ID = '0193a6b2-5c1e-7d3a-9f10-2b8e4a6c1d00'
  const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex').replaceAll(/../g, '\\x$&')
  const socket = `9<${hex('TCP:[127.0.0.1:1->127.0.0.1:2]')}>`
  const log = `8<${hex('/data/t.db-wal')}>`
  const read = `1 10:00:00.1 read(${socket}, "${hex(`POST {"id":"${ID}"}`)}", 65536) = 50`
  const write = `1 10:00:00.2 pwrite64(${log}, "${hex(Buffer.from(ID.replaceAll('-', ''), 'hex').toString('latin1'))}", 16, 0) = 16`
  const flush = `1 10:00:00.3 fsync(${log}) = 0`
  const answer = `1 10:00:00.4 writev(${socket}, [{iov_base="${hex('HTTP/1.1 202 Accepted')}", iov_len=21}], 1) = 21`

  it.each<[string, string[], string[]]>([
    ['an answer after its flush', [read, write, flush, answer], []],
    ['an answer without a flush', [read, write, answer], [ID]],
    ['an answer before its flush', [read, write, answer, flush], [ID]],
    ['a flush before the events were written', [read, flush, write, answer], [ID]],
    ['a flush that failed', [read, write, flush.replace('= 0', '= -1 EIO (Input/output error)'), answer], [ID]],
    [
      'a flush that began before the write',
      [read, flush.replace(') = 0', ' <unfinished ...>').replace(/^1/, '2'), write, '2 10:00:00.3 <... fsync resumed>) = 0', answer],
      [ID],
    ],
    [
      'a flush of another thread that was interrupted',
      [read, write, flush.replace(') = 0', ' <unfinished ...>').replace(/^1/, '2'), '2 10:00:00.4 <... fsync resumed>) = 0', answer],
      [],
    ],
  ])('judges %s', (_name, lines, tooEarly) => {
    expect(answersInOrder(parseSystemCalls(lines.join('\n'))).answers).toEqual([{ ids: [ID], tooEarly }])
  })
})
