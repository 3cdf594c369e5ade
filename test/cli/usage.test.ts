import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../collector/cli/commands.ts'
import { HELP, helpOf } from '../../collector/cli/help.ts'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import { tallymark } from './tallymark.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  path = join(folder, 'tallymark.db')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('tallymark', () => {
  it('tells its version, what it can do, and how each command is called', async () => {
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'))
    expect(await tallymark(path, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect(await tallymark(path, '--help')).toEqual({ code: 0, stdout: HELP, stderr: '' })
    for (const name of ['verify', 'import']) {
      expect(await tallymark(path, name, '--help')).toEqual({ code: 0, stdout: helpOf(name), stderr: '' })
    }
  })

  it.each(Object.keys(COMMANDS))('has usage, an example and the environment in the help of %s', (name) => {
    const help = helpOf(name)
    expect(HELP).toContain(`  ${name} `)
    expect(help.startsWith(`tallymark ${name}`)).toBe(true)
    expect(help).toMatch(/Examples?:\n {2}tallymark |Examples?:\n {2}.*\| (?:\S+ )?tallymark /)
    expect(help).toContain('TALLYMARK_STORE')
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(145)
  })

  it('names every variable of the configuration', () => {
    const config = readFileSync(resolve(import.meta.dirname, '../../collector/config.ts'), 'utf8')
    for (const [, name] of config.matchAll(/get\('(TALLYMARK_\w+)'\)/g)) expect(HELP).toContain(`  ${name} `)
  })

  it('ends with 1 and one sentence on what it does not understand', async () => {
    await sqliteStore({ path }).close()
    const missing = join(folder, 'missing.db')
    await writeFile(join(folder, 'here'), 'as it was')
    const cases: [args: string[], sentence: string | RegExp, at?: string][] = [
      [['frobnicate'], 'there is no command "frobnicate"; see tallymark --help'],
      [['constructor'], 'there is no command "constructor"; see tallymark --help'],
      [['--frobnicate'], 'there is no command "--frobnicate"; see tallymark --help'],
      [['verify', '--fast'], "Unknown option '--fast'; see --help"],
      [['verify', 'everything'], 'expected nothing more, got "everything"; see --help'],
      [['backup'], 'expected one FILE, got nothing; see --help'],
      [['import'], 'expected a FILE, or - for standard input, got nothing; see --help'],
      [['import', join(folder, 'no.ndjson')], `there is no file ${join(folder, 'no.ndjson')}`],
      [['import', folder], `${folder} is a folder; name a file that "tallymark export" wrote`],
      [['export', join(folder, 'here')], `${join(folder, 'here')} is there already; name another file, or move it away`],
      [['export', join(folder, 'no/such/folder')], /^ENOENT: no such file or directory/],
      [['backup', join(folder, 'no/such/folder')], /^sqlite store: cannot copy to .*no\/such\/folder: /],
      [
        ['campaign', 'terms', 'nowhere', '--cpm', '1'],
        /^there is no campaign "nowhere"; make it with tallymark campaign set nowhere --currency/,
      ],
      [['site', 'drop', 'shop'], 'expected "list" or "set ID", got "drop shop"; see --help'],
      [['key', 'read'], 'expected "server SITE", "list", "revoke ID" or "admin", got "read"; see --help'],
      ...['verify', 'rebuild', 'export', 'replay', 'key admin'].map((command): [string[], RegExp, string] => [
        command.split(' '),
        /^there is no store at \S+missing\.db\. Set TALLYMARK_STORE to its file/,
        missing,
      ]),
    ]
    const ended = await Promise.all(cases.map(([args, , at = path]) => tallymark(at, ...args)))
    ended.forEach(({ code, stdout, stderr }, i) => {
      const [args = [], sentence] = cases[i] ?? []
      expect([args, code, stdout]).toEqual([args, 1, ''])
      expect(stderr).toMatch(/^tallymark: [^\n]+\n$/)
      const said = stderr.slice('tallymark: '.length, -1)
      expect(said).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence as RegExp))
    })
    expect(readFileSync(join(folder, 'here'), 'utf8')).toBe('as it was')
    expect(() => readFileSync(missing)).toThrow('ENOENT')
  })
})
