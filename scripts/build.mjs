// Builds dist/: the scripts and their hashes, the npm modules, the collector, the dashboard's files; with --types their declarations, too.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { nodePath, quit, ROOT } from './setup.mjs'

/** Gathered here and renamed at the end, so that a build that fails leaves the last good one in place. */
const BUILDING = `dist.${process.pid}.building`

function run(...args) {
  const env = { ...process.env, TALLYMARK_BUILD_TO: BUILDING }
  const { status } = spawnSync(nodePath(), args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  rmSync(join(ROOT, BUILDING), { recursive: true, force: true })
  quit(`${args[0]} failed, see above`)
}

run('node_modules/rollup/dist/bin/rollup', '-c', '--silent')

const styles = ['node_modules/uplot/dist/uPlot.min.css', 'collector/dashboard/client/style.css']
mkdirSync(join(ROOT, BUILDING, 'dashboard'), { recursive: true })
writeFileSync(join(ROOT, BUILDING, 'dashboard/style.css'), styles.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n'))

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const scripts = {}
for (const name of ['tallymark', 'vitals', 'shims']) {
  const content = readFileSync(join(ROOT, BUILDING, `${name}.js`))
  const digest = createHash('sha384').update(content)
  const integrity = `sha384-${digest.copy().digest('base64')}`
  // Whoever names the hash gets these bytes for ever; a page that names none gets those of today.
  scripts[name] = {
    path: `/${name}.${version}-${digest.digest('hex').slice(0, 12)}.js`,
    integrity,
    brotliBytes: brotliCompressSync(content).length,
  }
  console.log(`${scripts[name].path}  ${scripts[name].brotliBytes} bytes brotli  ${integrity}`)
}
writeFileSync(join(ROOT, BUILDING, 'scripts.json'), JSON.stringify({ version, scripts }, null, 2))

if (process.argv.includes('--types')) {
  for (const project of ['sdk', 'collector']) {
    run(
      'node_modules/typescript/bin/tsc',
      ...['-p', project, '--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--rootDir', '.', '--outDir', `${BUILDING}/types`],
    )
  }
}

rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
renameSync(join(ROOT, BUILDING), join(ROOT, 'dist'))
