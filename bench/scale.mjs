// `npm run bench:scale`: how append, results, disk and start-up grow from 10^4 to 10^7 events in the ledger.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistry } from '../collector/registry.ts'
import { computeResults } from '../collector/results/computeResults.ts'
import { computeStatement } from '../collector/results/computeStatement.ts'
import { parseResultsQuery } from '../collector/results/query.ts'
import { sqliteStore } from '../collector/store/sqlite/sqliteStore.ts'

const DAY = 86_400_000
const END = Date.UTC(2026, 10, 24, 12)
const GROUP = 1_000
const SIZES = (process.env.BENCH_SIZES ?? '10000,100000,1000000,10000000').split(',').map(Number)
const CAMPAIGNS = ['spring-sale', 'trail-club', 'pack-light', 'autumn', 'winter']

function idAt(at, n) {
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

/** Event `n` of `count` that spread over 30 days: 94 % impressions, then clicks, signups and purchases, with all the tags a page gives. */
function event(n, count) {
  const occurredAt = END - 30 * DAY + Math.floor((n / count) * 30 * DAY)
  const kind = n % 100
  const type = kind < 94 ? 'impression' : kind < 98 ? 'click' : kind < 99 ? 'signup' : 'purchase'
  const tags = {
    placement: `p${n % 7}`,
    source: `s${n % 3}`,
    medium: 'display',
    device: n % 3 ? 'mobile' : 'desktop',
    segment: { plan: `plan${n % 4}` },
  }
  const evidence =
    type === 'impression' ? { view: { ratio: 1, ms: 1_000, area: 90_000 }, page: `/article/${n % 50}` } : { page: '/checkout/thanks' }
  if (type === 'purchase') evidence.orderId = `A-${n}`
  if (type === 'signup') evidence.leadId = `L-${n}`
  return {
    id: idAt(occurredAt, n),
    type,
    site: 'shop',
    campaign: CAMPAIGNS[n % 5],
    occurredAt,
    receivedAt: occurredAt + 150,
    verdict: 'counted',
    witness: 'browser',
    tags,
    viewable: type === 'impression',
    ...(type === 'purchase' && { valueMinor: 49_900 + (n % 1_000), currency: 'NOK' }),
    evidence,
  }
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

/** p50 and p99 in ms of a query asked 200 times. */
async function time(ask) {
  const times = []
  for (let i = 0; i < 200; i++) {
    const start = performance.now()
    await ask()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return `${at(times, 0.5).toFixed(2)} / ${at(times, 0.99).toFixed(2)}`
}

async function measure(count) {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'tallymark-scale-'))
  const path = join(folder, 'tallymark.db')
  try {
    let store = sqliteStore({ path })
    const cpu = process.cpuUsage()
    const start = performance.now()
    for (let n = 0; n < count; n += GROUP) {
      await store.append(Array.from({ length: Math.min(GROUP, count - n) }, (_, i) => event(n + i, count)))
    }
    const seconds = (performance.now() - start) / 1_000
    const used = process.cpuUsage(cpu)
    await store.close()
    const bytes = statSync(path).size / count

    const opened = performance.now()
    store = sqliteStore({ path })
    const registry = await openRegistry({ store, now: () => END })
    await store.clicksSince(END - DAY)
    const startMs = performance.now() - opened

    await registry.putCampaign('spring-sale', {
      currency: 'NOK',
      timeZone: 'Europe/Oslo',
      invalidTraffic: { doubleClickSeconds: 30, repeatClickHours: 0, clickLimits: null },
    })
    const pays = [
      { model: 'cpm', rate: '37.50' },
      { model: 'cps', share: '0.10' },
    ]
    const budget = { total: null, monthly: null, daily: null }
    await registry.addTerms('spring-sale', {
      from: '2026-01-01T00:00:00Z',
      pays,
      budget,
      windows: { clickDays: 30, viewDays: 1 },
      validationDays: 0,
      evidence: 'browser',
      status: 'active',
    })
    const ask = (by) => () =>
      computeResults(parseResultsQuery({ campaign: 'spring-sale', by }, { registry, now: END }), { store, registry, now: END })
    const campaign = registry.campaign('spring-sale')
    const { from, to } = parseResultsQuery({ campaign: 'spring-sale' }, { registry, now: END })
    const row = {
      'append events/s': Math.round(count / seconds).toLocaleString('en'),
      'events per CPU-s': Math.round(count / ((used.user + used.system) / 1e6)).toLocaleString('en'),
      'bytes an event': bytes.toFixed(0),
      'cold start ms': startMs.toFixed(0),
      'totals of 30 days, ms p50 / p99': await time(ask('campaign')),
      'by day': await time(ask('campaign,day')),
      'by placement': await time(ask('placement')),
      'statement of 30 days': await time(() => computeStatement({ campaign, from, to }, { store, closed: [] })),
    }
    await store.close()
    return row
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const rows = {}
for (const count of SIZES) {
  console.log(`${count.toLocaleString('en')} events …`)
  rows[count.toLocaleString('en')] = await measure(count)
}
console.table(rows)
