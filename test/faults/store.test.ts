import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventSource, type MadeEvent } from '../crash/events.ts'
import { expectExact } from '../crash/exact.ts'
import { seededRandom } from '../crash/random.ts'
import { bodyOf, post } from '../crash/senders.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { failCall, fillDisk, lockDatabase, type Place, plainFolder, smallDisk, type Trouble } from './trouble.ts'

/** Over busy_timeout (250 ms) and far below what would hold up every page's request. */
const ANSWER_WITHIN_MS = 1_500

interface Running {
  collector: RunningCollector
  pid: number
  path: string
  folder: string
}

let place: Place | undefined
let running: RunningCollector | undefined
afterEach(async () => {
  running?.child.kill('SIGKILL')
  await place?.destroy()
})

async function startIn(made: Place): Promise<Running> {
  place = made
  const path = join(made.folder, 'tallymark.db')
  running = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
  return { collector: running, pid: running.child.pid ?? 0, path, folder: made.folder }
}

const status = async (address: string, of: string) => (await fetch(`${address}${of}`)).status

/** Where a disk of its own may not be made, the kernel says that it is full. */
async function fullDisk(): Promise<[Running, () => Promise<Trouble> | Trouble]> {
  const disk = await smallDisk()
  const own = await startIn(disk ?? (await plainFolder()))
  return [own, () => (disk ? fillDisk(own.folder) : failCall(own.pid, 'pwrite64', 'ENOSPC'))]
}

async function inPlainFolder(
  begin: (running: Running) => Promise<Trouble> | Trouble,
): Promise<[Running, () => Promise<Trouble> | Trouble]> {
  const own = await startIn(await plainFolder())
  return [own, () => begin(own)]
}

describe('while the store is in trouble', () => {
  it.each<[string, () => ReturnType<typeof inPlainFolder>]>([
    ['the disk is full', fullDisk],
    ['another process holds the write lock', () => inPlainFolder(({ path }) => lockDatabase(path))],
    ['the disk cannot be flushed (EIO)', () => inPlainFolder(({ pid }) => failCall(pid, 'fsync,fdatasync', 'EIO'))],
    ['the disk cannot be written (EIO)', () => inPlainFolder(({ pid }) => failCall(pid, 'pwrite64', 'EIO'))],
    ['the file system turned read-only (EROFS)', () => inPlainFolder(({ pid }) => failCall(pid, 'pwrite64', 'EROFS'))],
  ])('answers 503 and takes everything again, without a restart, once it is over: %s', async (_name, make) => {
    const [{ collector, path }, begin] = await make()
    const next = eventSource(seededRandom(1))
    const sent: MadeEvent[] = []
    const acknowledged: string[] = []
    const refused: MadeEvent[][] = []

    async function send(batch: MadeEvent[]): Promise<number> {
      const startedAt = performance.now()
      const answer = await post(collector.address, bodyOf(batch))
      expect(performance.now() - startedAt).toBeLessThan(ANSWER_WITHIN_MS)
      if (answer.status === 202) acknowledged.push(...batch.map(({ id }) => id))
      else {
        expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '5', 'content-type': 'application/json' } })
        expect(JSON.parse(answer.text)).toEqual({
          error: { code: 'store_unavailable', message: expect.stringContaining('later'), docs: '/docs/errors#store_unavailable' },
        })
        refused.push(batch)
      }
      return answer.status
    }
    const sendNew = (): Promise<number> => {
      const batch = [next(), next(), next()]
      sent.push(...batch)
      return send(batch)
    }

    expect(await sendNew()).toBe(202)
    const trouble = await begin()
    while (refused.length === 0) await sendNew() // a full disk has room in the log for a while
    for (let n = 0; n < 10; n++) await sendNew()
    await Promise.all([sendNew(), sendNew(), sendNew()])
    expect(await status(collector.address, '/readyz')).toBe(503)
    expect(await status(collector.address, '/healthz')).toBe(200)
    expect(collector.output()).toContain('sqlite store: cannot')
    await trouble.end()

    expect(await status(collector.address, '/readyz')).toBe(200)
    for (const batch of refused.splice(0)) expect(await send(batch)).toBe(202)
    expect(await sendNew()).toBe(202)
    expect(await collector.stop('SIGKILL')).toBeNull()
    await expectExact(path, { sent, acknowledged })
  })

  it('counts a click once that was refused and sent again', async () => {
    const [{ collector, path }, begin] = await inPlainFolder(({ path }) => lockDatabase(path))
    const [made] = [eventSource(seededRandom(2))()]
    const click = { ...made, wire: { ...made.wire, type: 'click' } }
    const trouble = await begin()
    expect((await post(collector.address, bodyOf([click]))).status).toBe(503)
    await trouble.end()
    const { status, text } = await post(collector.address, bodyOf([click]))
    expect([status, text]).toEqual([202, '{"accepted":1,"duplicates":0,"rejected":[]}'])
    expect(await collector.stop('SIGTERM')).toBe(0)
    await expectExact(path, { sent: [click], acknowledged: [click.id] })
  })
})
