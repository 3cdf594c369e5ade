// `npm run bench`: the collector, a bare node:http server and a bare Hono one under the same load, in one run.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { become, ensureBuilt, ensureInstalled, nodePath, ROOT } from '../scripts/setup.mjs'
import { load } from './load.mjs'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const CONNECTIONS = 32
/** A public collector has more at once; each commit then serves more of them. */
const RUNS = [
  { events: 1, connections: CONNECTIONS },
  { events: 1, connections: 128 },
  { events: 20, connections: CONNECTIONS },
]
const TICKS_PER_SECOND = 100 // USER_HZ, which Linux fixes at 100 for /proc

let folder
const SERVERS = [
  { name: 'node:http, 204', args: ['bench/servers/bare-http.mjs'] },
  { name: 'Hono, 204', args: ['bench/servers/bare-hono.mjs'] },
  { name: 'Tallymark, durable 202', args: ['--disable-warning=ExperimentalWarning', 'dist/collector/main.js', 'start'] },
]

/** Starts a server and resolves with its port and process id. */
function start(args, n, more = {}) {
  const environment = {
    ...process.env,
    TALLYMARK_PORT: '0',
    TALLYMARK_HOST: '127.0.0.1',
    TALLYMARK_RATE_PER_SOURCE: '0',
    ...more,
    TALLYMARK_STORE: `sqlite:${join(folder, `${n}.db`)}`,
  }
  const child = spawn(nodePath(), args, { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const [, port] = /(?:port |localhost:)(\d+)/.exec(text) ?? []
      if (port) resolve({ port: Number(port), child })
    })
  })
}

/** CPU seconds that a process has used, in user and system mode. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

async function measure({ name, args }, { events, connections, n }) {
  const { port, child } = await start(args, n)
  await load({ port, events, seconds: 2, connections }) // warm code, warm disk
  const before = cpuSeconds(child.pid)
  const { statuses, latencies, seconds } = await load({ port, events, seconds: SECONDS, connections })
  const cpu = cpuSeconds(child.pid) - before
  child.kill('SIGTERM')
  await new Promise((resolve) => child.on('exit', resolve))
  const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0)
  const good = (statuses[202] ?? 0) + (statuses[204] ?? 0)
  if (good !== answered) throw new Error(`${name}: answers were ${JSON.stringify(statuses)}`)
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]
  return { name, perSecond: answered / seconds, perCpuSecond: answered / cpu, p50: at(0.5), p99: at(0.99) }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const whole = (number) => Math.round(number).toLocaleString('en')
const times = (number) => `${number.toFixed(2)}x`

async function compare({ events, connections }) {
  console.log(
    `\n${events} event${events === 1 ? '' : 's'} a request, ${connections} connections, median of ${ROUNDS} rounds of ${SECONDS} s`,
  )
  const rounds = SERVERS.map(() => [])
  // Round by round, so that a slow moment of the machine meets all three.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, server] of SERVERS.entries())
      rounds[i].push(await measure(server, { events, connections, n: `${events}-${connections}-${round}` }))
  }
  const rows = rounds.map((list) => ({
    name: list[0].name,
    ...Object.fromEntries(['perSecond', 'perCpuSecond', 'p50', 'p99'].map((key) => [key, median(list.map((one) => one[key]))])),
  }))
  console.table(
    Object.fromEntries(
      rows.map(({ name, perSecond, perCpuSecond, p50, p99 }) => [
        name,
        {
          'requests/s': whole(perSecond),
          'events/s': whole(perSecond * events),
          'p50 ms': p50.toFixed(2),
          'p99 ms': p99.toFixed(2),
          'requests per CPU-s': whole(perCpuSecond),
          'events per CPU-s': whole(perCpuSecond * events),
          'CPU of node:http': times(rows[0].perCpuSecond / perCpuSecond),
          'CPU of Hono': times(rows[1].perCpuSecond / perCpuSecond),
        },
      ]),
    ),
  )
  return rows
}

/** Results asked for while events come in as fast as they can, and how much that slows either. */
async function readWhileWriting() {
  const token = 'bench-admin-token-0123'
  const { port, child } = await start(SERVERS[2].args, 'mixed', { TALLYMARK_ADMIN_TOKEN: token })
  const ask = async () => {
    const from = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}/v1/results?by=campaign,day`, { headers: { authorization: `Bearer ${token}` } })
    await response.text()
    return performance.now() - from
  }
  const options = { port, events: 20, connections: CONNECTIONS }
  await load({ ...options, seconds: 2 })
  const alone = await load({ ...options, seconds: SECONDS })
  const times = []
  let isOver = false
  const reader = (async () => {
    while (!isOver) {
      times.push(await ask())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  const mixed = await load({ ...options, seconds: SECONDS })
  isOver = true
  await reader
  child.kill('SIGTERM')
  times.sort((a, b) => a - b)
  const p = (sorted, share) => `${sorted[Math.floor(sorted.length * share)].toFixed(1)} ms`
  console.log('\nResults by campaign and day, 20 times a second, while batches of 20 come in over 32 connections')
  console.table({
    'results query': { p50: p(times, 0.5), p99: p(times, 0.99) },
    'batch, nobody reading': { p50: p(alone.latencies, 0.5), p99: p(alone.latencies, 0.99) },
    'batch, while results are read': { p50: p(mixed.latencies, 0.5), p99: p(mixed.latencies, 0.99) },
  })
}

function sizes() {
  const files = {
    'tallymark.js': 'dist/tallymark.js',
    'vitals.js': 'dist/vitals.js',
    'shims.js': 'dist/shims.js',
    'dashboard script': 'dist/dashboard/client.js',
    'dashboard style': 'dist/dashboard/style.css',
  }
  console.log('\nSizes in bytes')
  console.table(
    Object.fromEntries(
      Object.entries(files).map(([name, path]) => {
        const content = readFileSync(join(ROOT, path))
        return [name, { raw: content.length, gzip: gzipSync(content, { level: 9 }).length, brotli: brotliCompressSync(content).length }]
      }),
    ),
  )
}

async function bench() {
  folder = mkdtempSync(join(tmpdir(), 'tallymark-bench-'))
  try {
    console.log(
      `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; load and server share the machine`,
    )
    for (const run of RUNS) await compare(run)
    await readWhileWriting()
    sizes()
    console.log('\nA store of ten million events')
    spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'bench/scale.mjs')], {
      env: { ...process.env, BENCH_SIZES: '10000000' },
      stdio: 'inherit',
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// The load comes from the same Node as the servers, whatever the system's is.
if (process.env.TALLYMARK_BENCH === 'load') await bench()
else {
  ensureInstalled()
  ensureBuilt()
  become([fileURLToPath(import.meta.url)], { environment: { TALLYMARK_BENCH: 'load' } })
}
