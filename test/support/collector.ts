import { resolve } from 'node:path'
import type { Hono } from 'hono'
import { type CollectorApp, collectorApp } from '../../collector/app.ts'
import { loadAssets } from '../../collector/assets.ts'
import { hashToken } from '../../collector/auth.ts'
import { newId } from '../../collector/newId.ts'
import { openRegistry, type Registry } from '../../collector/registry.ts'
import type { Store } from '../../collector/store/store.ts'
import { webhookTransport } from '../../collector/webhooks/webhookTransport.ts'
import { NOON } from './events.ts'
import { sqlitePlace } from './sqlite.ts'

/** User agent of a visitor. */
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

export const TOKEN = 'test-admin-token-0123456789'

export interface TestCollector {
  app: Hono
  /** What a server serves. */
  built: CollectorApp
  store: Store
  registry: Registry
  /** What the collector was told to log. */
  logged: string[]
  /** The clock of the collector, ms; starts at NOON. */
  clock: { now: number }
  post(body: unknown, headers?: Record<string, string>): Promise<Response>
  /** A request with the admin token, JSON in and out. */
  admin(method: string, path: string, body?: unknown): Promise<Response>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  results(query: string): Promise<any>
  destroy(): Promise<void>
}

/** Read once: compressing them takes longer than most tests. */
const assets = loadAssets(resolve(import.meta.dirname, '../..'))

/** A whole collector on a fresh SQLite file, with a clock that stands still and site `shop` of https://shop.example. */
export async function testCollector({
  wrap = (store: Store) => store,
  ratePerSource = 0,
  ratePerSite = 0,
  webhooks = webhookTransport({ allowPrivate: false }),
} = {}): Promise<TestCollector> {
  const place = await sqlitePlace()
  const store = wrap(await place.open())
  const clock = { now: NOON }
  const now = () => clock.now
  const logged: string[] = []
  const registry = await openRegistry({ store, now })
  await registry.putSite('shop', { name: 'Shop', origins: ['https://shop.example'], allow: [] })
  const log = (message: string) => logged.push(message)
  const isTrustedProxy = () => false
  const built = await collectorApp({
    ratePerSource,
    ratePerSite,
    isTrustedProxy,
    webhooks,
    store,
    registry,
    assets,
    adminTokenHash: hashToken(TOKEN),
    demo: true,
    now,
    newId,
    log,
    closing: new AbortController().signal,
  })
  const { app } = built
  const admin: TestCollector['admin'] = async (method, path, body) =>
    app.request(path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    app,
    built,
    store,
    registry,
    logged,
    clock,
    admin,
    post: async (body, headers = {}) =>
      app.request('/v1/events', {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin: 'https://shop.example', 'user-agent': BROWSER, ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
      }),
    results: async (query) => (await admin('GET', `/v1/results?${query}`)).json(),
    async destroy() {
      await store.close()
      await place.destroy()
    },
  }
}
