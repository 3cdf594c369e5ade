import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Assets } from './assets.ts'
import { requireAdmin } from './auth.ts'
import { type Answer, answerTo, errorAnswer } from './errors.ts'
import { clickHistory } from './ingest/clickHistory.ts'
import { type RateLimit, rateLimit } from './ingest/rateLimit.ts'
import type { Ingest } from './ingest/receive.ts'
import { sourceOf, type TrustedProxies } from './ingest/sourceOf.ts'
import { visitorKeys } from './ingest/visitorKey.ts'
import { quietLog } from './quietLog.ts'
import type { Registry } from './registry.ts'
import { adjustmentRoutes } from './routes/adjustments.ts'
import { alertRoutes } from './routes/alerts.ts'
import { budgetRoutes } from './routes/budget.ts'
import { configRoutes } from './routes/config.ts'
import { conversionRoutes } from './routes/conversions.ts'
import { dashboardRoutes } from './routes/dashboard.ts'
import { demoRoutes } from './routes/demo.ts'
import { discrepancyRoutes } from './routes/discrepancies.ts'
import { docsRoutes } from './routes/docs.tsx'
import { eventsRoutes } from './routes/events.ts'
import { explainRoutes } from './routes/explain.ts'
import { healthRoutes } from './routes/health.ts'
import { keyRoutes } from './routes/keys.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { pixelRoutes } from './routes/pixel.ts'
import { rateRoutes } from './routes/rates.ts'
import { resultsRoutes } from './routes/results.ts'
import { scriptRoutes } from './routes/script.ts'
import { spendRoutes } from './routes/spend.ts'
import { stateRoutes } from './routes/state.ts'
import { statementRoutes } from './routes/statements.ts'
import { vitalsRoutes } from './routes/vitals.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { observed } from './store/observed.ts'
import type { Store } from './store/store.ts'
import { type WebhookTransport, webhookTransport } from './webhooks/webhookTransport.ts'

export interface CollectorOptions {
  store: Store
  registry: Registry
  assets: Assets
  /** SHA-256 of the admin token, hex. */
  adminTokenHash: string
  /** Whose X-Forwarded-For is believed. */
  isTrustedProxy: TrustedProxies
  /** Requests a second that one address may send to public routes; 0 for any number. */
  ratePerSource: number
  /** Requests a second that may name one site; 0 for any number. */
  ratePerSite: number
  /** Serves the demo site. */
  demo: boolean
  /** Sends webhooks. Default: to public https addresses only. */
  webhooks?: WebhookTransport
  /** ms since the epoch. */
  now: () => number
  newId: (at: number) => string
  /** Aborted when the collector stops: streams end then. */
  closing: AbortSignal
  /** Told of every error that is not the sender's. */
  log: (message: string, error?: unknown) => void
}

/** What routes are handed. */
export interface Collector extends CollectorOptions {
  webhooks: WebhookTransport
  ingest: Ingest
  limitSource: RateLimit
  limitSite: RateLimit
  /** Address of the client, '' where there is no socket. */
  sourceOf: (c: Context) => string
  /** Calls back after each durable commit; returns the function that ends it. */
  onCommit: (listener: () => void) => () => void
}

export interface CollectorApp {
  app: Hono
  collector: Collector
}

const DAY_MS = 86_400_000

/** There is no socket when the app is called by a program, as `app.request()` does. */
function addressOf(c: Context, isTrusted: TrustedProxies): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return sourceOf({ socket: incoming?.socket?.remoteAddress, forwarded: c.req.header('x-forwarded-for') }, isTrusted)
}

/**
 * The collector as a Hono app: the way of an event first, then those who read.
 *
 * Builds nothing and reads no clock: everything comes in through `options`.
 */
export async function collectorApp({ log, ...given }: CollectorOptions): Promise<CollectorApp> {
  const options = { ...given, log: quietLog(log, given.now) }
  const { store, onCommit } = observed(options.store)
  const clicks = clickHistory()
  clicks.recall(await store.clicksSince(options.now() - DAY_MS))
  const ingest = { store, registry: options.registry, clicks, visitorKey: visitorKeys(store) }
  const limitSource = rateLimit('source', options.ratePerSource)
  const limitSite = rateLimit('site', options.ratePerSite)
  const collector: Collector = {
    ...options,
    webhooks: options.webhooks ?? webhookTransport({ allowPrivate: false }),
    store,
    onCommit,
    ingest,
    limitSource,
    limitSite,
    sourceOf: (c) => addressOf(c, options.isTrustedProxy),
  }
  const app = new Hono()

  app.route('/', eventsRoutes(collector))
  app.route('/', pixelRoutes(collector))
  app.route('/', conversionRoutes(collector))
  app.route('/', adjustmentRoutes(collector))
  app.route('/', stateRoutes(collector))
  app.route('/', scriptRoutes(collector))
  app.route('/', healthRoutes(collector))
  if (options.demo) app.route('/', demoRoutes(collector))
  app.route('/', docsRoutes(collector))
  app.route('/dashboard', dashboardRoutes(collector))
  app.get('/', (c) => c.redirect('/dashboard'))

  for (const path of ['/v1/*', '/metrics']) app.use(path, requireAdmin(options.adminTokenHash))
  app.route('/', configRoutes(collector))
  app.route('/', keyRoutes(collector))
  app.route('/', resultsRoutes(collector))
  app.route('/', statementRoutes(collector))
  app.route('/', explainRoutes(collector))
  app.route('/', spendRoutes(collector))
  app.route('/', rateRoutes(collector))
  app.route('/', discrepancyRoutes(collector))
  app.route('/', budgetRoutes(collector))
  app.route('/', alertRoutes(collector))
  app.route('/', webhookRoutes(collector))
  app.route('/', vitalsRoutes(collector))
  app.route('/', metricsRoutes(collector))

  const send = ({ status, headers, body }: Answer) => new Response(body, { status, headers })
  app.notFound((c) => send(errorAnswer('not_found', { message: `nothing is at ${c.req.method} ${c.req.path}` })))
  app.onError((error, c) => send(answerTo(error, { log: options.log, doing: `${c.req.method} ${c.req.path}` })))
  return { app, collector }
}
