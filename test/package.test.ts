import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const run = promisify(execFile)
const node = (args: string[], cwd: string) => run(process.execPath, args, { cwd })
/** npm as the one that belongs to nobody's project: run from elsewhere, so that it reads no settings of ours. */
const npm = (args: string[], cwd: string) =>
  run('npm', args, { cwd, env: { ...process.env, PATH: `${resolve(process.execPath, '..')}:${process.env.PATH}` } })

let folder: string
let tarball: string
let project: string

/** Everything that `npm publish` would send, packed from a copy, so that the build of other tests stays as it is. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-pack-'))
  const copy = join(folder, 'copy')
  const parts = [
    'sdk',
    'collector',
    'demo-site',
    'scripts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'rollup.config.mjs',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
  ]
  for (const name of parts) await cp(join(ROOT, name), join(copy, name), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const { stdout } = await npm(['pack', '--json', '--pack-destination', folder], copy)
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }]
  tarball = join(folder, filename)
  project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{"name": "customer", "private": true, "type": "module"}')
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], project)
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the npm package', () => {
  it('has exports that resolve, by publint', async () => {
    const { stdout } = await node([join(ROOT, 'node_modules/publint/src/cli.js'), tarball, '--strict'], folder)
    expect(stdout).toContain('All good')
  })

  it('has types that resolve, by are-the-types-wrong', async () => {
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js')
    const { stdout } = await node(
      [attw, tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'tallymark.js', '--format', 'ascii'],
      folder,
    ) // exits with 1 on a problem
    expect(stdout.match(/node16 \(from ESM\): 🟢/g)).toHaveLength(6)
  })

  it('works from JavaScript: SDK on a server, and a collector on a port', async () => {
    await writeFile(
      join(project, 'shop.js'),
      `import { init } from 'tallymark'
       import { createCollector, sqliteStore } from 'tallymark/collector'
       const tm = init({ site: 'shop', endpoint: 'https://collector.example' })
       tm.purchase({ orderId: 'A-1', value: '499.00', currency: 'NOK' })
       await tm.flush()
       const store = sqliteStore({ path: './shop.db' })
       const app = await createCollector({ store, adminToken: 'a-long-admin-token' })
       const health = await app.request('/healthz')
       const script = await app.request('/tallymark.js')
       console.log(await health.text(), script.status)
       await store.close()`,
    )
    expect((await node(['--disable-warning=ExperimentalWarning', 'shop.js'], project)).stdout).toBe('{"status":"ok"} 200\n')
  })

  it('works from TypeScript, and misuse does not compile', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2024,dom', '--ignoreConfig']
    await writeFile(
      join(project, 'good.ts'),
      `import { init, type Tallymark } from 'tallymark'
       import { createCollector, sqliteStore } from 'tallymark/collector'
       const tm: Tallymark = init({ site: 'shop', endpoint: 'https://collector.example', segment: { plan: 'pro' } })
       tm.purchase({ orderId: 'A-1', value: '499.00', currency: 'NOK', items: [{ id: 'sku-1', price: '499.00', quantity: 1 }] })
       tm.signup({ leadId: 'L-1' })
       tm.consent('granted')
       export const app = createCollector({ store: sqliteStore({ path: './x.db' }), adminToken: 'a-long-admin-token' })`,
    )
    await node([tsc, ...options, 'good.ts'], project)
    await writeFile(join(project, 'bad.ts'), `import { init } from 'tallymark'\ninit({ endpoint: 'https://collector.example' })\n`)
    await expect(node([tsc, ...options, 'bad.ts'], project)).rejects.toMatchObject({ stdout: expect.stringContaining("'site' is missing") })
  })

  it('brings the command', async () => {
    const { stdout } = await npm(['exec', '--offline', '--', 'tallymark', '--version'], project)
    expect(stdout.trim()).toBe(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).version)
  })
})
