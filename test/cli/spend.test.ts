import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportLedger } from '../../collector/cli/exportLedger.ts'
import { importLedger } from '../../collector/cli/importLedger.ts'
import { spend } from '../../collector/cli/spend.ts'
import { openRegistry } from '../../collector/registry.ts'
import type { Store } from '../../collector/store/store.ts'
import { NOON } from '../support/events.ts'
import { startCollector } from '../support/process.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { runCommand } from './direct.ts'
import { tallymark } from './tallymark.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
let store: Store
beforeEach(async () => {
  place = await sqlitePlace()
  store = await place.open()
})
afterEach(async () => {
  await store.close()
  await place.destroy()
})

const HEAD = 'source,campaign,day,amount,currency,clicks'
const FILE = `${HEAD}\ngoogle,spring,2026-11-22,120.50,NOK,812\ngoogle,spring,2026-11-23,99.00,NOK,700\n`
const rate = { day: '2026-11-01', from: 'USD', to: 'NOK', rate: '10.9312' }
const run = (stdin: string, ...args: string[]) => runCommand(spend, { store, args: ['-', ...args], stdin })
const kept = async () => (await openRegistry({ store, now: () => NOON })).spend.rows({})

describe('tallymark spend', () => {
  it('imports a file, sums up, and does so again without harm', async () => {
    const seen = 'A collector that is running sees the change within seconds.\n'
    expect(await run(FILE)).toEqual({
      code: 0,
      stdout: `2 rows read: 2 new, 0 corrected, 0 unchanged, 0 rejected.\n${seen}`,
      stderr: '',
    })
    expect((await run(FILE)).stdout).toBe('2 rows read: 0 new, 0 corrected, 2 unchanged, 0 rejected.\n')
    const later = `${FILE.replace('99.00', '101')}Total: all,,,221.50,NOK,\n`
    expect((await run(later)).stdout).toBe(`2 rows read, 1 of sums left out: 0 new, 1 corrected, 1 unchanged, 0 rejected.\n${seen}`)
    expect((await kept()).map(({ day, amount }) => [day, amount])).toEqual([
      ['2026-11-22', '120.50'],
      ['2026-11-23', '101'],
    ])
  })

  it('takes source, campaign and currency from options where there is no such column', async () => {
    const { code } = await run('Day;Cost\n2026-11-23;1 120,5\n', '--source', 'bing', '--campaign', 'spring', '--currency', 'NOK')
    expect([code, await kept()]).toEqual([
      0,
      [{ source: 'bing', campaign: 'spring', day: '2026-11-23', amount: '1120.5', currency: 'NOK' }],
    ])
  })

  it('takes the good rows, names the others by their line, and ends with 1', async () => {
    const bad = Array.from({ length: 22 }, () => 'google,spring,2026-13-01,1,NOK,\n').join('')
    const { code, stdout } = await run(FILE + bad)
    expect([code, (await kept()).length]).toEqual([1, 2])
    const lines = stdout.split('\n')
    expect(lines[0]).toBe('24 rows read: 2 new, 0 corrected, 0 unchanged, 22 rejected.')
    expect(lines[1]).toBe('  line 4: day must be a day like 2026-11-01')
    expect(lines[21]).toBe('  and 2 more')
  })

  it('gives JSON as the API does', async () => {
    const { stdout } = await run(FILE, '--json')
    expect(JSON.parse(stdout)).toEqual({
      accepted: 2,
      unchanged: 0,
      corrected: 0,
      rejected: [],
      outcomes: ['accepted', 'accepted'],
      sums: 0,
    })
  })

  it('takes more than a request may have, in versions that an export can hold', async () => {
    const days = Array.from({ length: 21_000 }, (_, n) => `google,c-${n},2026-11-22,1,NOK,1\n`)
    expect((await run(`${HEAD}\n${days.join('')}`)).stdout).toContain('21,000 rows read: 21,000 new')
    expect((await store.config()).map(({ value }) => (value as { rows: unknown[] }).rows.length)).toEqual([10_000, 10_000, 1_000])
    expect(await kept()).toHaveLength(21_000)
  })

  it.each<[string, string[], string]>([
    ['campaign,day,amount,currency\n', [], 'line 1: there is no column "source"; name it with --source'],
    ['source,campaign,day,amount\n', [], 'line 1: there is no column "currency" or "currency code"; name it with --currency'],
    ['source,campaign,amount,currency\n', [], 'line 1: there is no column "day" or "date" or "reporting starts"'],
    [`${HEAD}\n`, [], 'there is no row of spend in it'],
    [`${HEAD}\n"`, [], 'line 2: a quote that opens here is never closed'],
    [FILE, ['--sauce', 'google'], "Unknown option '--sauce'; see --help"],
    [FILE, ['second.csv'], 'expected a FILE, or - for standard input, got "- second.csv"; see --help'],
  ])('refuses %j with %j', async (stdin, args, message) => {
    await expect(run(stdin, ...args)).rejects.toThrow(message)
    expect(await store.config()).toEqual([])
  })

  it('reads a file, and is seen by a running collector within seconds', async () => {
    const token = 'test-admin-token-0123456789'
    const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${place.path}`, TALLYMARK_ADMIN_TOKEN: token })
    const path = join(dirname(place.path), 'november.csv')
    await writeFile(path, FILE)
    expect(await tallymark(place.path, 'spend', path)).toMatchObject({ code: 0, stderr: '' })
    const amounts = async () => {
      const response = await fetch(`${collector.address}/v1/spend`, { headers: { authorization: `Bearer ${token}` } })
      return (await response.json()).spend.map(({ amount }: { amount: string }) => amount)
    }
    await expect.poll(amounts, { timeout: 10_000 }).toEqual(['120.50', '99.00'])
    expect(await collector.stop('SIGTERM')).toBe(0)
  })

  it('travels with export and import, rates too, and is not taken from a file that is wrong', async () => {
    await run(FILE)
    await (await openRegistry({ store, now: () => NOON })).putRates([rate])
    const exported = (await runCommand(exportLedger, { store })).stdout
    const other = await sqlitePlace()
    const target = await other.open()
    try {
      const importText = (stdin: string) => runCommand(importLedger, { store: target, args: ['-'], stdin })
      const wrong: [from: string, to: string, message: string][] = [
        ['"120.50"', '"120.505"', 'line 2: config.value.rows.0 must be a row of spend as POST /v1/spend takes it'],
        ['"NOK"', '"nok"', 'line 2: config.value.rows.0 must be a row of spend'],
        ['"10.9312"', '"0.0"', 'line 3: config.value.rates.0.rate must be above 0'],
      ]
      for (const [from, to, message] of wrong) await expect(importText(exported.replace(from, to))).rejects.toThrow(message)
      await importText(exported)
      const registry = await openRegistry({ store: target, now: () => NOON })
      expect([registry.spend.rows({}), registry.rates.rows()]).toEqual([await kept(), [rate]])
    } finally {
      await target.close()
      await other.destroy()
    }
  })

  it('says what it cannot open', async () => {
    const nowhere = join(dirname(place.path), 'nowhere')
    const said = async (at: string, path: string) => (await tallymark(at, 'spend', path)).stderr
    expect(await said(place.path, nowhere)).toBe(`tallymark: there is no file ${nowhere}\n`)
    expect(await said(place.path, dirname(place.path))).toContain('is a folder; name a CSV file')
    const path = join(dirname(place.path), 'november.csv')
    await writeFile(path, FILE)
    expect(await said(nowhere, path)).toContain(`there is no store at ${nowhere}`)
  })
})
