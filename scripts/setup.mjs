// Runs on whatever Node the machine has, before anything is installed: plain JavaScript, nothing but Node's own modules.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MIN_NODE = [24, 15]

/** Ends with a sentence that names the fix. */
export function quit(message) {
  console.error(`tallymark: ${message}`)
  process.exit(1)
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** Installs the locked packages when they are missing or not those of the lock file. */
export function ensureInstalled() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8')
  const stamp = join(ROOT, 'node_modules', '.tallymark-lock')
  const wanted = createHash('sha256').update(lock).digest('hex')
  if (read(stamp) === wanted) return
  console.log('Installing packages (once) …')
  // Not `npm ci`: it refuses a lock file in which a registry left out optional packages of other platforms.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) quit('npm install failed, see above. Check the network, then run the same command again')
  writeFileSync(stamp, wanted)
}

const isNewEnough = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])
}

/** A Node that is new enough: this one, or the one that the packages bring. */
export function nodePath() {
  if (isNewEnough(process.version)) return process.execPath
  const brought = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const version = existsSync(brought) ? spawnSync(brought, ['--version'], { encoding: 'utf8' }).stdout : ''
  if (isNewEnough(version || '0')) return brought
  return quit(
    `needs Node ${MIN_NODE.join('.')} or newer; this is ${process.version}. Install it, or run "npm rebuild node --ignore-scripts=false" to get the one that comes with the packages`,
  )
}

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesIn(path)
    else yield path
  }
}

/** Builds what the sources do not match any more. */
export function ensureBuilt() {
  const hash = createHash('sha256')
  const roots = ['sdk', 'collector', 'scripts'].flatMap((folder) => [...filesIn(join(ROOT, folder))])
  for (const path of [...roots, ...['package-lock.json', 'rollup.config.mjs', 'tsconfig.json'].map((name) => join(ROOT, name))].sort()) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path))
  }
  const stamp = join(ROOT, 'dist', '.stamp')
  const wanted = hash.digest('hex')
  if (read(stamp) === wanted) return
  console.log('Building …')
  const { status } = spawnSync(nodePath(), [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) quit('the build failed, see above')
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

/** Runs Node on `args` in our place: passes signals on and ends as it ends. */
export function become(args, { environment = {} } = {}) {
  const child = spawn(nodePath(), args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...environment } })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
