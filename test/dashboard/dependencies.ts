import { Hono } from 'hono'
import { createDashboard, type DashboardDependencies } from '../../collector/dashboard/dashboard.tsx'
import { RefusalError } from '../../collector/errors.ts'
import type { ResultRow, ResultsAnswer } from '../../collector/results/results.ts'

export const NOW = Date.parse('2026-11-24T08:31:00Z')
export const TOKEN = 'the-admin-token'

const ZERO = { impressions: 0, viewable: 0, clicks: 0, signups: 0, purchases: 0, revenueMinor: 0, costMinor: 0 }
const NO_RATES = { ctr: null, signupRate: null, purchaseRate: null, cpm: null, cpc: null, cpl: null, cps: null, aov: null, roas: null }

/** A row of results, zero and null where nothing is said. */
export function row(some: Partial<ResultRow>): ResultRow {
  return { ...ZERO, currency: 'NOK', ...NO_RATES, ...some }
}

/** An answer that holds `rows` for whatever is asked. */
export function answer(rows: ResultRow[], some: Partial<ResultsAnswer> = {}): ResultsAnswer {
  return {
    query: {
      from: '2026-10-26',
      to: '2026-11-24',
      tz: 'Europe/Oslo',
      by: ['campaign'],
      model: 'last',
      view: 'result',
      windows: {},
      filters: {},
      asOf: new Date(NOW).toISOString(),
    },
    rows,
    totals: row({ currency: rows.length === 0 ? null : 'NOK' }),
    notCounted: {},
    ...some,
  }
}

/** The dashboard where the collector mounts it, over dependencies that know nothing but what a test says. */
export function mount(some: Partial<DashboardDependencies> = {}): Hono {
  const dependencies: DashboardDependencies = {
    results: async () => answer([]),
    campaigns: () => [],
    sites: () => [],
    explain: () => Promise.reject(new RefusalError('not_found', 'no such event')),
    find: async () => [],
    statements: {
      view: async () => undefined,
      csv: () => '',
      line: () => Promise.reject(new RefusalError('not_found', 'no such campaign')),
      close: () => Promise.reject(new RefusalError('not_found', 'no such campaign')),
    },
    alerts: () => [],
    terms: { view: async () => undefined, agree: () => Promise.reject(new RefusalError('not_found', 'no such campaign')) },
    isAdminToken: (token) => token === TOKEN,
    sessionSecret: 'secret of the tests',
    now: () => NOW,
    onCommit: () => () => {},
    closing: new AbortController().signal,
    assets: { script: 'console.log(1)', style: 'body{}' },
    ...some,
  }
  return new Hono().route('/dashboard', createDashboard(dependencies))
}

/** Posts the login form as a browser does. */
export function login(app: Hono, form: Record<string, string> = { token: TOKEN }, origin = 'http://localhost'): Promise<Response> {
  return Promise.resolve(
    app.request('http://localhost/dashboard/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(form).toString(),
    }),
  )
}

/** The `Cookie` header that a browser sends after that login. */
export async function cookieOf(app: Hono): Promise<string> {
  const [cookie] = (await login(app)).headers.getSetCookie()
  return cookie?.split(';')[0] ?? ''
}

/** The page at `path` for someone who is logged in. */
export async function page(app: Hono, path = '/dashboard'): Promise<string> {
  return (await app.request(path, { headers: { cookie: await cookieOf(app) } })).text()
}
