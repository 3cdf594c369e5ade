import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertWritable } from '../../collector/store/sqlite/probe.ts'
import { eventSource, type MadeEvent } from '../crash/events.ts'
import { expectExact } from '../crash/exact.ts'
import { seededRandom, seedOfRun } from '../crash/random.ts'
import { bodyOf, post, startSenders } from '../crash/senders.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { type Place, plainFolder } from './trouble.ts'

let place: Place
let path: string
let collector: RunningCollector
let next: () => MadeEvent
beforeEach(async () => {
  place = await plainFolder()
  path = join(place.folder, 'data', 'tallymark.db')
  collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
  next = eventSource(seededRandom(1))
})
afterEach(async () => {
  collector.child.kill('SIGKILL')
  await place.destroy()
})

const remove = (...suffixes: string[]) => {
  for (const suffix of suffixes) rmSync(path + suffix)
}
const send = async (batch: MadeEvent[]) => (await post(collector.address, bodyOf(batch))).status
const ready = async () => (await fetch(`${collector.address}/readyz`)).status

describe('when files of the store are touched while it runs', () => {
  it.each<[string, () => void, RegExp]>([
    [
      'the database and its log are deleted',
      () => remove('', '-wal', '-shm'),
      /deleted while running; all that it held was written into a new/,
    ],
    ['the database alone is deleted', () => remove(''), /deleted while running; all that it held was written into a new/],
    ['the log is deleted', () => remove('-wal'), /lost its -wal or -shm file/],
    ['the index of the log is deleted', () => remove('-shm'), /lost its -wal or -shm file/],
    ['the database is moved away', () => renameSync(path, `${path}.old`), /deleted while running; all that it held was written into a new/],
    [
      'the whole folder is deleted',
      () => rmSync(dirname(path), { recursive: true }),
      /deleted while running; all that it held was written/,
    ],
  ])('keeps everything acknowledged, before and after, over SIGKILL: %s', async (_name, touch, said) => {
    const logPath = join(place.folder, 'acknowledged.log')
    const random = seededRandom(seedOfRun())
    const senders = startSenders({ count: 8, address: async () => collector.address, random, logPath })
    for (let n = 0; n < 60; n++) {
      await senders.nextAcknowledgement()
      if (n === 30) touch()
    }
    await senders.finish()
    expect(collector.output()).toMatch(said)
    expect(await ready()).toBe(200)
    await collector.stop('SIGKILL')
    await expectExact(path, { sent: senders.sent, acknowledged: senders.acknowledged() })
  })

  it('answers 503 while the file cannot be made again, and has everything in it once it can', async () => {
    const before = [next(), next()]
    expect(await send(before)).toBe(202)
    rmSync(dirname(path), { recursive: true })
    writeFileSync(dirname(path), 'in the way')
    const refused = [next(), next()]
    for (let n = 0; n < 3; n++) expect([await send(refused), await ready()]).toEqual([503, 503])
    expect(collector.output()).toMatch(/is not the file that was opened, and nothing is taken until that is mended/)
    rmSync(dirname(path))
    expect([await ready(), await ready()]).toEqual([503, 200]) // the first finds and mends it
    expect(await send(refused)).toBe(202)
    await collector.stop('SIGKILL')
    const sent = [...before, ...refused]
    await expectExact(path, { sent, acknowledged: sent.map(({ id }) => id) })
  })

  it('goes on in a file that was put in its place, and says that what came since is lost', async () => {
    const kept = [next(), next()]
    const lost = [next(), next()]
    const after = [next(), next()]
    expect(await send(kept)).toBe(202)
    await collector.stop('SIGTERM')
    copyFileSync(path, `${path}.backup`)
    collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    expect(await send(lost)).toBe(202)
    renameSync(`${path}.backup`, path)
    expect(await send(after)).toBe(503)
    expect(collector.output()).toMatch(/was replaced by another file while running.*what the former held is lost/)
    expect(await send(after)).toBe(202)
    await collector.stop('SIGKILL')
    const sent = [...kept, ...after]
    await expectExact(path, { sent, acknowledged: sent.map(({ id }) => id) })
  })

  it('knows a file that may only be read, which SQLite opens all the same', () => {
    const database = new DatabaseSync(path, { readOnly: true })
    expect(() => assertWritable(database)).toThrow('attempt to write a readonly database')
    database.close()
  })

  it('saves a file that was deleted while nothing came in when it is told to stop', async () => {
    const sent = [next(), next()]
    expect(await send(sent)).toBe(202)
    remove('', '-wal', '-shm')
    await collector.stop('SIGTERM')
    expect(existsSync(path)).toBe(true)
    await expectExact(path, { sent, acknowledged: sent.map(({ id }) => id) })
  })
})
