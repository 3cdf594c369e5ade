// `npm run bench:profile -- --events 20`: where the collector's time goes under load, as a flame graph and a table.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { become, ensureBuilt, ensureInstalled, nodePath, ROOT } from '../scripts/setup.mjs'
import { load } from './load.mjs'

const OUT = join(ROOT, 'bench', 'profiles')
const WIDTH = 1_600
const ROW = 18
/** Frames narrower than this many pixels are left out: nobody could read them. */
const MIN_WIDTH = 1

/** Runs the collector under load with V8's sampling profiler on; gives what it wrote. */
async function record({ events, connections, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-profile-'))
  const profiler = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200', '--disable-warning=ExperimentalWarning']
  const env = {
    ...process.env,
    TALLYMARK_PORT: '0',
    TALLYMARK_HOST: '127.0.0.1',
    TALLYMARK_RATE_PER_SOURCE: '0',
    TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}`,
  }
  const child = spawn(nodePath(), [...profiler, 'dist/collector/main.js', 'start'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const port = await new Promise((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        const [, found] = /localhost:(\d+)/.exec(text) ?? []
        if (found) resolve(Number(found))
      })
    })
    await load({ port, events, seconds, connections })
    child.kill('SIGTERM')
    await new Promise((resolve) => child.on('exit', resolve))
    const name = readdirSync(folder).find((file) => file.endsWith('.cpuprofile'))
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The tree of calls with the time of each in µs, itself and all below it; what the process waited for nothing is left out. */
function treeOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, self: 0 }]))
  samples.forEach((id, i) => {
    byId.get(id).self += timeDeltas[i]
  })
  const build = (id) => {
    const { callFrame, children = [], self } = byId.get(id)
    const file = callFrame.url.startsWith('file:') ? relative(ROOT, fileURLToPath(callFrame.url)) : callFrame.url
    const below = children.map(build).filter(({ name }) => name !== '(idle)')
    const total = below.reduce((sum, child) => sum + child.total, self)
    return { name: callFrame.functionName || '(anonymous)', file, below, self, total }
  }
  return build(nodes[0].id)
}

const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** Warm for our own code, cool for Node's. */
const colour = ({ file, name }) =>
  file.includes('collector') ? '#e8825a' : name.startsWith('(') ? '#c9c9c9' : file.startsWith('node:') ? '#8fb3d9' : '#b9a7d8'

function flameGraph(root, title) {
  const boxes = []
  let depth = 0
  const draw = (frame, x, y) => {
    const width = (frame.total / root.total) * WIDTH
    if (width < MIN_WIDTH) return
    depth = Math.max(depth, y + 1)
    const share = ((frame.total / root.total) * 100).toFixed(1)
    const label = width > 40 ? `<text x="${(x + 3).toFixed(1)}" y="${y * ROW + 43}">${xml(frame.name.slice(0, width / 7))}</text>` : ''
    boxes.push(
      `<g><title>${xml(`${frame.name} ${frame.file} ${share} %`)}</title><rect x="${x.toFixed(1)}" y="${y * ROW + 30}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour(frame)}"/>${label}</g>`,
    )
    let left = x
    for (const child of frame.below.toSorted((a, b) => b.total - a.total)) {
      draw(child, left, y + 1)
      left += (child.total / root.total) * WIDTH
    }
  }
  draw(root, 0, 0)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${depth * ROW + 40}" font-family="ui-monospace, monospace" font-size="11"><rect width="100%" height="100%" fill="#fff"/><text x="4" y="20" font-size="14">${xml(title)}</text>${boxes.join('')}</svg>\n`
}

/** Time spent in each function itself, the most first. */
function hottest(root, count) {
  const sums = new Map()
  const visit = ({ name, file, self, below }) => {
    const key = `${name}  ${file}`
    sums.set(key, (sums.get(key) ?? 0) + self)
    below.forEach(visit)
  }
  visit(root)
  return [...sums].sort(([, a], [, b]) => b - a).slice(0, count)
}

async function profile() {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '1' },
      connections: { type: 'string', default: '128' },
      seconds: { type: 'string', default: '8' },
    },
  })
  const [events, connections, seconds] = [values.events, values.connections, values.seconds].map(Number)
  const root = treeOf(await record({ events, connections, seconds }))
  const title = `Tallymark collector, ${events} event${events === 1 ? '' : 's'} a request, ${connections} connections: time by call, waiting for the disk included`
  mkdirSync(OUT, { recursive: true })
  const path = join(OUT, `flame-${events}.svg`)
  writeFileSync(path, flameGraph(root, title))
  for (const [name, self] of hottest(root, 25)) console.log(`${((self / root.total) * 100).toFixed(1).padStart(5)} %  ${name}`)
  console.log(`\nFlame graph: ${relative(process.cwd(), path)}`)
}

if (process.env.TALLYMARK_BENCH === 'load') await profile()
else {
  ensureInstalled()
  ensureBuilt()
  become([fileURLToPath(import.meta.url), ...process.argv.slice(2)], { environment: { TALLYMARK_BENCH: 'load' } })
}
