import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportLedger } from '../../collector/cli/exportLedger.ts'
import { importLedger } from '../../collector/cli/importLedger.ts'
import { openRegistry } from '../../collector/registry.ts'
import type { Store } from '../../collector/store/store.ts'
import { idNumber, ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { bytesOf, runCommand, sink } from './direct.ts'
import { spawnCommand, startCommand, tallymark } from './tallymark.ts'

let from: Awaited<ReturnType<typeof sqlitePlace>>
let to: Awaited<ReturnType<typeof sqlitePlace>>
let source: Store
let target: Store
beforeEach(async () => {
  from = await sqlitePlace()
  to = await sqlitePlace()
  source = await from.open()
  target = await to.open()
})
afterEach(async () => {
  await source.close()
  await target.close()
  await from.destroy()
  await to.destroy()
})

const exported = async () => (await runCommand(exportLedger, { store: source })).stdout
const importText = (text: string) => runCommand(importLedger, { store: target, args: ['-'], stdin: text })
const ledger = (store: Store) => store.ledger({ afterSeq: 0, limit: 100_000 })
const objects = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** An event, one enriched by a server, one that does not count; a site, a campaign with terms, a secret. */
async function fill(): Promise<void> {
  const registry = await openRegistry({ store: source, now: () => NOON })
  await registry.putSite('shop', { name: 'Shop', origins: ['https://shop.example'], allow: [] })
  const invalidTraffic = { doubleClickSeconds: 30, repeatClickHours: 0, clickLimits: null }
  await registry.putCampaign('spring', { currency: 'NOK', timeZone: 'Europe/Oslo', invalidTraffic })
  await registry.addTerms('spring', {
    pays: [{ model: 'cpc', rate: '2.00' }],
    budget: { total: null, monthly: null, daily: '500.00' },
    windows: { clickDays: 30, viewDays: 1 },
    validationDays: 0,
    evidence: 'browser',
    status: 'active',
  })
  await registry.putSecret('admin', { hash: 'a secret' })
  await source.putConfig({ kind: 'key', id: 'k1', at: NOON, value: 'a secret' })
  await source.putConfig({ kind: 'webhook', id: 'w1', at: NOON, value: { id: 'w1', secrets: ['a secret'] } })
  await source.append([ledgerEventOf({ n: 1, tags: { placement: 'tøp' } }), purchaseOf({ n: 2, orderId: 'A-1', valueMinor: 100 })])
  await source.append([purchaseOf({ n: 3, orderId: 'A-1', witness: 'server' }), ledgerEventOf({ n: 4, verdict: 'test' })])
}

describe('tallymark export', () => {
  it('writes a header, the configuration without keys and secrets, and every row in order', async () => {
    await fill()
    const { code, stdout, stderr } = await runCommand(exportLedger, { store: source })
    const [header, ...rest] = objects(stdout)
    expect(code).toBe(0)
    expect(header).toEqual({ tallymark: 1, lastSeq: 4 })
    expect(rest.flatMap(({ config }) => config ?? []).map(({ kind, id }) => [kind, id])).toEqual([
      ['site', 'shop'],
      ['campaign', 'spring'],
      ['terms', 'spring'],
    ])
    expect(rest.flatMap(({ event }) => event ?? [])).toEqual(await ledger(source))
    expect(stdout).not.toContain('a secret')
    expect(stderr).toBe('Exporting 100 % (4 of 4), 4,000/s, 0 s in all\n')
  })

  it('writes the same to a file as to standard output, and overwrites none', async () => {
    await fill()
    const path = join(dirname(from.path), 'export.ndjson')
    expect(await tallymark(from.path, 'export', path)).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(path, 'utf8')).toBe((await tallymark(from.path, 'export')).stdout)
    writeFileSync(path, 'mine')
    expect(await tallymark(from.path, 'export', path)).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  it('reads no further ahead than whoever reads it takes', async () => {
    await source.append(Array.from({ length: 20_000 }, (_, n) => ledgerEventOf({ n })))
    let pages = 0
    const counting: Store = {
      ...source,
      ledger(page) {
        pages += 1
        return source.ledger(page)
      },
    }
    const first = Promise.withResolvers<() => void>()
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => first.resolve(done) })
    const stdout = Object.assign(slow, { isTTY: false, columns: 80 })
    const run = exportLedger.run({ args: [], store: counting, now: () => NOON, stdin: bytesOf(''), stdout, stderr: sink() })
    await first.promise // the header, which nobody takes
    for (let turn = 0; turn < 100; turn++) await source.ready()
    expect(pages).toBeLessThanOrEqual(1)
    slow.destroy(new Error('gone'))
    await expect(run).rejects.toThrow('gone')
  })

  it('ends with a sentence when its reader goes', async () => {
    await source.append(Array.from({ length: 20_000 }, (_, n) => ledgerEventOf({ n })))
    const child = spawnCommand(from.path, ['export'])
    child.stdout.once('data', () => child.stdout.destroy())
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect([code, said]).toEqual([1, 'tallymark: what reads the export ended before it was whole\n'])
  })
})

describe('tallymark import', () => {
  it('makes the same ledger, totals and configuration in an empty store, once and for all', async () => {
    await fill()
    const text = await exported()
    expect(await importText(text)).toMatchObject({
      code: 0,
      stdout:
        '4 rows read, 3 events and 3 versions of the configuration added.\nA collector that is running sees the change within seconds.\n',
      stderr: 'Importing 100 % (4 of 4), 4,000/s, 0 s in all\n',
    })
    const state = async (store: Store) => [
      await ledger(store),
      (await store.config()).filter(({ kind }) => !['key', 'secret', 'webhook'].includes(kind)),
      await store.totals({ campaign: 'spring', edges: [0, 2 * NOON], dimensions: [] }),
      await store.totals({ campaign: 'spring', edges: [0, 2 * NOON], dimensions: ['witness'] }),
    ]
    const after = await state(source)
    expect(await state(target)).toEqual(after)
    expect(await importText(text)).toMatchObject({ stdout: '4 rows read, 0 events and 0 versions of the configuration added.\n' })
    expect(await state(target)).toEqual(after)
    expect(await target.verify()).toEqual([])
    expect((await runCommand(exportLedger, { store: target })).stdout).toBe(text)
  })

  it('joins stores: what both have counts once, orders too', async () => {
    await fill()
    await target.append([ledgerEventOf({ n: 1 }), purchaseOf({ n: 9, orderId: 'A-1' }), ledgerEventOf({ n: 10 })])
    await importText(await exported())
    const [rows] = [await target.totals({ campaign: 'spring', edges: [0, 2 * NOON], dimensions: [] })]
    expect(rows.map(({ type, count, valueMinor }) => [type, count, valueMinor]).sort()).toEqual([
      ['click', 2, 0n],
      ['purchase', 1, 49_900n],
    ])
    expect(await target.verify()).toEqual([])
  })

  it('reads from a file and from standard input, as a process', async () => {
    await fill()
    const text = await exported()
    const path = join(dirname(from.path), 'export.ndjson')
    writeFileSync(path, text)
    expect(await tallymark(to.path, 'import', path)).toMatchObject({ code: 0, stdout: expect.stringContaining('3 events') })
    expect(await startCommand(to.path, ['import', '-'], { stdin: text }).ended).toMatchObject({
      code: 0,
      stdout: '4 rows read, 0 events and 0 versions of the configuration added.\n',
    })
  })

  it('imports what stands before a line that is wrong, and names it', async () => {
    await fill()
    const lines = (await exported()).trimEnd().split('\n')
    lines[6] = lines[6]?.replace('"purchase"', '"sale"') ?? ''
    const ended = await startCommand(to.path, ['import', '-'], { stdin: lines.join('\n') }).ended
    expect([ended.code, ended.stderr]).toEqual([1, 'tallymark: line 7: event.type must be one of impression, click, signup, purchase\n'])
    expect(await ledger(target)).toHaveLength(2)
  })

  it('says so when a file was cut off between two lines', async () => {
    await fill()
    const lines = (await exported()).trimEnd().split('\n')
    await expect(importText(lines.slice(0, -1).join('\n'))).rejects.toThrow('the file is cut off: its last row is 3 of 4')
    expect(await ledger(target)).toHaveLength(3)
  })

  const row = { seq: 1, ...ledgerEventOf() }
  const sale = { seq: 1, ...purchaseOf({ orderId: 'A-1' }) }
  const site = { kind: 'site', id: 'shop', at: NOON, value: { id: 'shop', name: 'Shop', origins: [], allow: [] } }
  const event = (change: object) => ({ event: { ...row, ...change } })
  const config = (change: object) => ({ config: { ...site, ...change } })
  it.each<[line: unknown, message: string]>([
    ['{"event": {', 'line 2: is not a JSON object'],
    [[], 'line 2: is not a JSON object'],
    [{}, 'line 2: must have "event" or "config", an object'],
    [{ event: null }, 'line 2: must have "event" or "config", an object'],
    [event({ seq: -1 }), 'line 2: event.seq must be'],
    [event({ id: 'x' }), 'line 2: event.id must be a UUID'],
    [event({ id: idNumber(0xabc).toUpperCase() }), 'line 2: event.id must be a UUID in lower case'],
    [event({ type: 'view' }), 'line 2: event.type must be one of'],
    [event({ site: '' }), 'line 2: event.site must be'],
    [event({ campaign: null }), 'line 2: event.campaign must be'],
    [event({ occurredAt: '2026-11-24' }), 'line 2: event.occurredAt must be milliseconds'],
    [event({ receivedAt: 9e15 }), 'line 2: event.receivedAt must be milliseconds'],
    [event({ verdict: 'fine' }), 'line 2: event.verdict must be one of'],
    [event({ witness: 'me' }), 'line 2: event.witness must be one of'],
    [event({ viewable: 1 }), 'line 2: event.viewable must be true or false'],
    [event({ tags: [] }), 'line 2: event.tags must be an object'],
    [event({ tags: { placement: 1 } }), 'line 2: event.tags.placement must be a string'],
    [event({ tags: { segment: 'pro' } }), 'line 2: event.tags.segment must be an object'],
    [event({ tags: { segment: { plan: 1 } } }), 'line 2: event.tags.segment.plan must be a string'],
    [event({ evidence: undefined }), 'line 2: event.evidence must be an object'],
    [event({ evidence: { view: { ratio: 2, ms: 1, area: 1 } } }), 'line 2: event.evidence.view.ratio must be'],
    [event({ evidence: { view: { ratio: 1, ms: 0.5, area: 1 } } }), 'line 2: event.evidence.view must have ms and area, whole numbers'],
    [event({ evidence: { touches: {} } }), 'line 2: event.evidence.touches must be a list'],
    [{ event: { ...sale, evidence: { orderId: 5 } } }, 'line 2: event.evidence.orderId must be a string'],
    [{ event: { ...sale, valueMinor: 4.5 } }, 'line 2: event.valueMinor must be a whole number'],
    [{ event: { ...sale, currency: 'XXY' } }, 'line 2: event.currency must be an ISO 4217 code'],
    [{ event: { ...sale, currency: undefined } }, 'line 2: event.currency is missing'],
    [config({ kind: 'secret' }), 'line 2: config.kind must be one of site, campaign, terms'],
    [config({ kind: 'constructor' }), 'line 2: config.kind must be one of'],
    [config({ id: '' }), 'line 2: config.id must be'],
    [config({ at: null }), 'line 2: config.at must be milliseconds'],
    [config({ value: { ...site.value, origins: ['shop.example'] } }), 'line 2: config.value.origins.0 must be an origin'],
    [config({ value: { id: 'shop', name: 'Shop', allow: [] } }), 'line 2: config.value.origins is missing'],
  ])('refuses %j', async (line, message) => {
    const text = typeof line === 'string' ? line : JSON.stringify(line)
    await expect(importText(`{"tallymark":1,"lastSeq":1}\n${text}\n`)).rejects.toThrow(message)
    expect([await ledger(target), await target.config()]).toEqual([[], []])
  })

  it.each([
    ['', 'line 1: is missing'],
    ['{"event":{}}', 'line 1: must be the header of a file that "tallymark export" wrote'],
    ['{"tallymark":2,"lastSeq":1}', 'line 1: tallymark is 2, a format that this version does not read'],
    ['{"tallymark":1}', 'line 1: lastSeq must be'],
  ])('refuses a file that begins with %j', async (text, message) => {
    await expect(importText(text)).rejects.toThrow(message)
  })

  it('takes blank lines, ends of lines from Windows and fields of later versions', async () => {
    const lines = ['{"tallymark":1,"lastSeq":1,"later":1}', '', JSON.stringify({ event: { ...row, code: 'later', later: 1 } }), '']
    expect(await importText(lines.join('\r\n'))).toMatchObject({ stdout: expect.stringContaining('1 events') })
    expect(await ledger(target)).toEqual([row])
  })

  it('takes no more into memory than it has committed room for', async () => {
    await source.append(Array.from({ length: 5_000 }, (_, n) => ledgerEventOf({ n })))
    const text = await exported()
    let committed = 0
    let mostAhead = 0
    const counting: Store = {
      ...target,
      async append(events) {
        const outcomes = await target.append(events)
        committed += events.length
        return outcomes
      },
    }
    let given = 0
    const stdin = (async function* () {
      for (const line of text.trimEnd().split('\n')) {
        given += 1
        mostAhead = Math.max(mostAhead, given - committed)
        yield Buffer.from(`${line}\n`)
      }
    })()
    expect(await importLedger.run({ args: ['-'], store: counting, now: () => NOON, stdin, stdout: sink(), stderr: sink() })).toBe(0)
    expect([committed, mostAhead]).toEqual([5_000, 1_001]) // a group and the header
  })
})
