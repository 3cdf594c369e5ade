// `npm run soak -- --minutes 10`: steady load on one collector; fails when memory, the log or open files go on growing.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { become, ensureBuilt, ensureInstalled, nodePath, quit, ROOT } from '../scripts/setup.mjs'

const CONNECTIONS = 16
const EVENTS = 10
const TOKEN = 'soak-admin-token-0123456789'
const SAMPLES = 36

/** What may be held on purpose is full before measuring begins: 100,000 visitors' clicks, 64 MiB of the database's pages. */
const WARM_VISITORS = 110_000
const WARM_DATABASE_BYTES = 100 * 2 ** 20

/** How much the median of the last third of the samples may lie above that of the second third. */
const MAX_GROWTH = { 'RSS MiB': 32, 'log MiB': 8, 'open files': 6 }

/** The database, in a folder of its own. */
let path = ''
let n = 0

function newId(at) {
  const time = at.toString(16).padStart(12, '0')
  const rest = randomBytes(8).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(4)}`
}

/** One click of a visitor who was never seen, and impressions with tags that repeat. */
function body(events) {
  const at = Date.now()
  const tags = (i) => ({ campaign: `c${i % 5}`, placement: `p${(n + i) % 40}`, segment: { plan: `s${i % 7}` } })
  const event = (_, i) => ({ id: newId(at), type: i === 0 ? 'click' : 'impression', occurredAt: at, ...tags(i) })
  return JSON.stringify({ site: 'my-site', sentAt: at, events: Array.from({ length: events }, event) })
}

/** Sends one batch; gives status and ms. `aborts` leaves in the middle of the body, as a closed laptop does. */
function send(address, { agent, events, aborts = false }) {
  n += 1
  const text = body(events)
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'text/plain',
      'content-length': Buffer.byteLength(text),
      'user-agent': `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.${n}`,
    }
    const sent = request(`${address}/v1/events`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, ms: performance.now() - startedAt }))
    })
    sent.on('error', (error) => {
      if (aborts) resolve({})
      // The collector may close an idle connection just as it is used again; every client sends again then (https://nodejs.org/api/http.html#requestreusedsocket).
      else if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(send(address, { agent, events }))
      else reject(error)
    })
    if (!aborts) sent.end(text)
    else sent.write(text.slice(0, 200), () => sent.destroy())
  })
}

function start() {
  const environment = {
    ...process.env,
    TALLYMARK_PORT: '0',
    TALLYMARK_HOST: '127.0.0.1',
    TALLYMARK_RATE_PER_SOURCE: '0',
    TALLYMARK_ADMIN_TOKEN: TOKEN,
    TALLYMARK_STORE: `sqlite:${path}`,
  }
  const child = spawn(nodePath(), ['--disable-warning=ExperimentalWarning', 'dist/collector/main.js', 'start'], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.on('exit', () => child.kill('SIGKILL')) // also when the load met an error
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const [, port] = /localhost:(\d+)/.exec(text) ?? []
      if (port) resolve({ address: `http://127.0.0.1:${port}`, child })
    })
  })
}

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0
const mebibytes = (bytes) => Math.round(bytes / 2 ** 18) / 4
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const median = (numbers) =>
  at(
    numbers.toSorted((a, b) => a - b),
    0.5,
  )

function sample(pid, latencies) {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const sorted = latencies.toSorted((a, b) => a - b)
  return {
    'RSS MiB': mebibytes(Number(kibibytes) * 1024),
    'log MiB': mebibytes(sizeOf(`${path}-wal`)),
    'open files': readdirSync(`/proc/${pid}/fd`).length,
    'database MiB': mebibytes(sizeOf(path)),
    requests: sorted.length,
    'p50 ms': at(sorted, 0.5).toFixed(2),
    'p99 ms': at(sorted, 0.99).toFixed(2),
  }
}

async function fillUp(address, agent) {
  const run = async () => {
    while (n < WARM_VISITORS || sizeOf(path) < WARM_DATABASE_BYTES) await send(address, { agent, events: EVENTS })
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, run))
}

/** Sends on schedule, whatever the answers take, until `isOver`. One in 50 comes on a connection of its own, one in 100 breaks off. */
function steadily(address, { agent, perSecond, isOver, latencies }) {
  const run = async (worker) => {
    for (let due = performance.now() + (worker * 1_000) / perSecond; !isOver(); due += (CONNECTIONS * 1_000) / perSecond) {
      await delay(Math.max(0, due - performance.now()))
      const aborts = n % 100 === 0
      const { status, ms } = await send(address, { agent: n % 50 === 0 ? false : agent, events: EVENTS, aborts })
      if (aborts) continue
      if (status !== 202) throw new Error(`an answer was ${status}`)
      latencies.push(ms)
    }
  }
  return Promise.all(Array.from({ length: CONNECTIONS }, (_, worker) => run(worker)))
}

async function look(address) {
  const headers = { authorization: `Bearer ${TOKEN}` }
  for (const of of ['/readyz', '/v1/results?by=campaign,day', '/v1/results?by=placement', '/dashboard']) {
    await (await fetch(address + of, { headers })).text()
  }
}

async function soak({ minutes, perSecond }) {
  const { address, child } = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  console.log(`${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  console.log('Filling what the collector keeps in memory …')
  await fillUp(address, agent)
  console.log(`${minutes} minutes, ${perSecond} requests/s of ${EVENTS} events, ${CONNECTIONS} connections`)
  let over = false
  const latencies = []
  const sending = steadily(address, { agent, perSecond, isOver: () => over, latencies })
  sending.catch(() => {}) // awaited below
  const samples = []
  for (let i = 0; i < SAMPLES; i++) {
    await Promise.race([delay((minutes * 60_000) / SAMPLES), sending])
    await look(address)
    samples.push(sample(child.pid, latencies.splice(0)))
  }
  over = true
  await sending
  agent.destroy()
  child.kill('SIGTERM')
  const code = await new Promise((resolve) => child.on('exit', resolve))
  console.table(samples)
  return { samples, code }
}

function judge({ samples, code }) {
  const third = Math.floor(samples.length / 3)
  const [before, after] = [samples.slice(third, 2 * third), samples.slice(-third)]
  const faults = code === 0 ? [] : [`the collector ended with ${code}`]
  for (const [what, bound] of Object.entries(MAX_GROWTH)) {
    const [from, to] = [before, after].map((part) => median(part.map((one) => one[what])))
    console.log(`${what}: ${from} in the second third, ${to} in the last; may grow by ${bound}`)
    if (to - from > bound) faults.push(`${what} grew from ${from} to ${to}`)
  }
  return faults
}

if (process.env.TALLYMARK_BENCH === 'load') {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '100' } },
  })
  const [minutes, perSecond] = [Number(values.minutes), Number(values.rate)]
  if (!(minutes > 0 && perSecond > 0)) quit('--minutes and --rate must be numbers above 0, like --minutes 10 --rate 100')
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-soak-'))
  path = join(folder, 'tallymark.db')
  let faults
  try {
    faults = judge(await soak({ minutes, perSecond }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (faults.length > 0) quit(`soak: ${faults.join('; ')}`)
} else {
  ensureInstalled()
  ensureBuilt()
  become([fileURLToPath(import.meta.url), ...process.argv.slice(2)], { environment: { TALLYMARK_BENCH: 'load' } })
}
