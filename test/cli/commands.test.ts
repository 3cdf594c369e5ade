import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportLedger } from '../../collector/cli/exportLedger.ts'
import { importLedger } from '../../collector/cli/importLedger.ts'
import { progressBar } from '../../collector/cli/progress.ts'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import type { LedgerEvent, Store } from '../../collector/store/store.ts'
import { batchOf, openClient } from '../load/client.ts'
import { idNumber, ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'
import { startCollector } from '../support/process.ts'

const MAIN = resolve(import.meta.dirname, '../../dist/collector/main.js')

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  path = join(folder, 'tallymark.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs the built command on the store of this test. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, TALLYMARK_STORE: `sqlite:${path}` }
  return new Promise((done) => {
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], { env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

async function filled(count = 200): Promise<void> {
  const store = sqliteStore({ path })
  await store.append(Array.from({ length: count }, (_, n) => purchaseOf({ n, orderId: `A-${n}`, tags: { placement: `p${n % 3}` } })))
  await store.close()
}

function change(sql: string): void {
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
}

describe('tallymark', () => {
  it('helps, and names what it does not know', async () => {
    const help = await run('--help')
    expect(help.code).toBe(0)
    for (const name of ['start', 'verify', 'rebuild', 'export', 'import', 'backup', 'replay', 'site', 'campaign', 'key']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
      if (name !== 'start') expect((await run(name, '--help')).stdout).toMatch(new RegExp(`^tallymark ${name}`))
    }
    expect(await run('bogus')).toMatchObject({ code: 1, stderr: 'tallymark: there is no command "bogus"; see tallymark --help\n' })
    expect(await run('verify', '--bogus')).toMatchObject({ code: 1, stderr: "tallymark: Unknown option '--bogus'\n" })
    expect(await run('import')).toMatchObject({ code: 1, stderr: 'tallymark: expected FILE, or - for standard input, got nothing\n' })
  })

  it('verify ends with 0 only when everything agrees, and rebuild mends it', async () => {
    await filled()
    expect(await run('verify')).toMatchObject({ code: 0, stdout: 'Everything agrees with the ledger.\n' })
    change('UPDATE totals SET count = count + 1 WHERE dimension = 0')
    const broken = await run('verify')
    expect(broken.code).toBe(1)
    expect(broken.stdout).toContain('totals spring all 2026-11-24T12:00:00.000Z/15min shop purchase NOK')
    expect(broken.stdout).toContain('3 differ. "tallymark rebuild"')
    const { differences } = JSON.parse((await run('verify', '--json')).stdout)
    expect(differences).toHaveLength(3)
    expect(broken.stderr).not.toContain('\u001b')
    expect((await run('rebuild')).code).toBe(0)
    expect((await run('verify')).code).toBe(0)
  })

  it('verify, rebuild and backup work while a collector takes events', async () => {
    const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    const client = await openClient(Number(new URL(collector.address).port))
    let isOver = false
    let sent = 0
    const sender = (async () => {
      while (!isOver) {
        const status = await client.post(batchOf(20))
        // Another process holds the lock for a moment: refused, and a page would send it again.
        if (status === 202) sent += 20
        else expect(status).toBe(503)
      }
    })()
    const copy = join(folder, 'copy.db')
    const codes = [(await run('verify')).code, (await run('rebuild')).code, (await run('backup', copy)).code, (await run('verify')).code]
    isOver = true
    await sender
    client.close()
    expect(codes).toEqual([0, 0, 0, 0])
    expect(await collector.stop('SIGTERM')).toBe(0)
    expect((await run('verify')).code).toBe(0)
    const store = sqliteStore({ path })
    expect(await store.counters()).toMatchObject({ received: sent, counted: sent })
    await store.close()
    const copied = sqliteStore({ path: copy })
    expect(await copied.verify()).toEqual([])
    const { counted } = await copied.counters()
    expect(counted).toBeGreaterThan(0)
    expect(counted).toBeLessThanOrEqual(sent)
    await copied.close()
    expect(await run('backup', copy)).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
  })

  it('sets up sites, campaigns, terms and tokens, and names a wrong field', async () => {
    expect((await run('site', 'set', 'shop', '--name', 'Shop', '--origin', 'https://shop.example')).code).toBe(0)
    expect((await run('campaign', 'set', 'spring', '--currency', 'NOK', '--time-zone', 'Europe/Oslo')).code).toBe(0)
    expect(
      (await run('campaign', 'terms', 'spring', '--cpm', '37.50', '--cps-share', '0.10', '--from', '2026-11-01T00:00:00+01:00')).code,
    ).toBe(0)
    expect(JSON.parse((await run('site', 'list', '--json')).stdout).sites).toMatchObject([
      { id: 'shop', origins: ['https://shop.example'] },
    ])
    expect((await run('campaign', 'list')).stdout).toMatch(/spring +spring +NOK +Europe\/Oslo +1 +cpm 37\.50, cps 0\.10 of the value/)
    expect(await run('site', 'set', 'shop', '--origin', 'shop.example')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('origins.0: must be an origin'),
    })
    expect(await run('campaign', 'set', 'x', '--currency', 'XYZ')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('currency: must be'),
    })
    expect(await run('campaign', 'terms', 'none', '--cpc', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no campaign "none"'),
    })
    const [token = ''] = (await run('key', 'admin')).stdout.split('\n')
    const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}` })
    const ask = await fetch(`${collector.address}/v1/campaigns`, { headers: { authorization: `Bearer ${token}` } })
    expect(ask.status).toBe(200)
    expect(await collector.stop('SIGTERM')).toBe(0)
  })

  it('replays what failed and may be taken now, once', async () => {
    const store = sqliteStore({ path })
    const body = (n: number, change = {}) =>
      JSON.stringify({ id: idNumber(n), type: 'click', occurredAt: NOON, campaign: 'spring', ...change })
    const failed = { site: 'shop', code: 'origin_not_allowed', field: '', receivedAt: NOON + 5 }
    await store.putConfig({ kind: 'site', id: 'shop', at: NOON, value: { id: 'shop', name: 'Shop', origins: [], allow: [] } })
    await store.append(
      [],
      [
        { ...failed, body: body(1) },
        { ...failed, body: body(2, { type: 'view' }) },
        { ...failed, body: body(1) },
        { ...failed, site: '', body: body(3) },
      ],
    )
    await store.close()
    expect(JSON.parse((await run('replay', '--json')).stdout).rows).toEqual([
      { code: 'origin_not_allowed', now: 'still fails: invalid_event type', events: 1 },
      { code: 'origin_not_allowed', now: 'still fails: unknown_site', events: 1 },
      { code: 'origin_not_allowed', now: 'accepted', events: 1 },
      { code: 'origin_not_allowed', now: 'duplicate', events: 1 },
    ])
    const again = sqliteStore({ path })
    expect(await again.failed({ afterSeq: 0, limit: 9 })).toHaveLength(2)
    expect(await again.ledger({ afterSeq: 0, limit: 9 })).toMatchObject([{ id: idNumber(1), verdict: 'counted', receivedAt: NOON + 5 }])
    expect(await again.verify()).toEqual([])
    await again.close()
  })
})

describe('export and import', () => {
  it('carry a ledger from one file to another, and may be repeated', async () => {
    await filled(2_500)
    await run('site', 'set', 'shop')
    const file = join(folder, 'ledger.ndjson')
    expect((await run('export', file)).code).toBe(0)
    const first = path
    path = join(folder, 'other.db')
    expect(await run('import', file)).toMatchObject({ code: 0, stdout: '2,500 rows read, 2,500 events added.\n' })
    expect(await run('import', file)).toMatchObject({ code: 0, stdout: '2,500 rows read, 0 events added.\n' })
    expect((await run('verify')).code).toBe(0)
    const text = (await run('export')).stdout
    expect(text).toBe(await readFile(file, 'utf8'))
    expect(text).not.toContain('secret')
    path = first
  })

  it.each([
    ['{}', 'line 1: must be the header'],
    ['{"tallymark":"ledger","version":1}\n{', 'line 2: is not JSON'],
    ['{"tallymark":"ledger","version":1}\n{"event":{"id":"x"}}', 'line 2: event.id must be a UUID'],
    ['{"tallymark":"ledger","version":1}\n{"config":{"kind":"secret"}}', 'line 2: config.kind must be one of'],
  ])('name the line and the field that is wrong: %s', async (text, message) => {
    const file = join(folder, 'bad.ndjson')
    await writeFile(file, text)
    expect(await run('import', file)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) })
  })

  /** Runs a command within this process, with what it writes gathered. */
  async function within(command: typeof exportLedger, store: Store, args: string[]): Promise<void> {
    const silent = { write: () => true }
    expect(await command.run({ args, store, now: () => NOON, stdout: silent, stderr: silent })).toBe(0)
  }

  it('keep totals and states for any ledger', async () => {
    const report = fc.record({
      n: fc.nat(15),
      campaign: fc.constantFrom('', 'spring', 'autumn'),
      placement: fc.option(fc.constantFrom('top', 'side'), { nil: undefined }),
      witness: fc.constantFrom('browser' as const, 'server' as const),
      verdict: fc.constantFrom('counted' as const, 'test' as const),
      valueMinor: fc.nat(1_000),
    })
    let file = 0
    await fc.assert(
      fc.asyncProperty(fc.array(report, { maxLength: 30 }), async (reports) => {
        file += 1
        const events = reports.map(({ n, placement, ...rest }): LedgerEvent => {
          const tags = placement === undefined ? {} : { placement }
          return n % 2 ? purchaseOf({ n, orderId: `A-${n % 6}`, tags, ...rest }) : ledgerEventOf({ n, ...rest, tags, currency: 'NOK' })
        })
        const from = sqliteStore({ path: join(folder, `from-${file}.db`) })
        const to = sqliteStore({ path: join(folder, `to-${file}.db`) })
        await from.append(events)
        const ndjson = join(folder, `${file}.ndjson`)
        await within(exportLedger, from, [ndjson])
        await within(importLedger, to, [ndjson])
        const states = async (store: Store) => {
          const rows = await store.ledger({ afterSeq: 0, limit: 1_000 })
          return Object.fromEntries(rows.map(({ seq, replaces, receivedAt, ...state }) => [state.id, state]))
        }
        expect(await states(to)).toEqual(await states(from))
        for (const campaign of ['', 'spring', 'autumn']) {
          const query = { campaign, edges: [0, 2 * NOON], dimensions: [] }
          expect(await to.totals(query)).toEqual(await from.totals(query))
        }
        expect(await to.verify()).toEqual([])
        await from.close()
        await to.close()
      }),
      { numRuns: 150 },
    )
  })
})

describe('progress', () => {
  function drawn(isTTY: boolean): string {
    let at = 0
    let text = ''
    const bar = progressBar({
      stderr: {
        isTTY,
        write: (more) => {
          text += more
        },
      },
      now: () => at,
      what: 'Working',
    })
    for (const done of [0, 250, 500, 1_000]) {
      bar.update(done, 1_000)
      at += 6_000
    }
    bar.end()
    return text
  }

  it('redraws a bar on a terminal', () => {
    expect(drawn(true)).toContain('\r\u001b[KWorking ████████████░░░░░░░░░░░░ 50 % (500 of 1,000), 42/s, 12 s left')
  })

  it('writes plain lines elsewhere', () => {
    expect(drawn(false)).toBe('Working 50 % (500 of 1,000), 42/s, 12 s left\nWorking 100 % (1,000 of 1,000), 42/s, 24 s in all\n')
  })
})
