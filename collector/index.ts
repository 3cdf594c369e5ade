import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import { collectorApp } from './app.ts'
import { loadAssets } from './assets.ts'
import { hashToken } from './auth.ts'
import { trustedProxies } from './ingest/sourceOf.ts'
import { keepMaturing } from './keepMaturing.ts'
import { newId } from './newId.ts'
import { openRegistry } from './registry.ts'
import type { Store } from './store/store.ts'

export { sqliteStore } from './store/sqlite/sqliteStore.ts'
export type { Store } from './store/store.ts'
export { StoreError } from './store/store.ts'

export interface CreateCollectorOptions {
  store: Store
  /** Token for the API and the dashboard. At least 16 characters. */
  adminToken: string
  /** Addresses and CIDR ranges whose X-Forwarded-For is believed. Default: none. */
  trustedProxies?: string[]
  /** Requests a second that one address may send. Default: 100; 0 for any number. */
  ratePerSource?: number
  /** Requests a second for one site, over all its visitors. Default: 0, any number. */
  ratePerSite?: number
  /** ms since the epoch. Default: the process's clock. */
  now?: () => number
  /** Abort it before you close your server and store: open streams end, and nothing begins that nobody asked for. Default: streams end with their connections. */
  closing?: AbortSignal
  /** Told of every error that is not a sender's. Default: nothing. */
  log?: (message: string, error?: unknown) => void
}

/**
 * The collector as a Hono app, to mount in one's own at the root of a host name.
 *
 * Conversions whose validation period is over are let go every 5 s. The store stays yours: close it after the server. Throws RangeError for a token that can be guessed.
 */
export async function createCollector({
  store,
  adminToken,
  trustedProxies: ranges = [],
  ratePerSource = 100,
  ratePerSite = 0,
  now = Date.now,
  log = () => {},
  closing = new AbortController().signal,
}: CreateCollectorOptions): Promise<Hono> {
  if (adminToken.length < 16) throw new RangeError('createCollector: adminToken must have at least 16 characters')
  const registry = await openRegistry({ store, now })
  const assets = loadAssets(resolve(dirname(fileURLToPath(import.meta.url)), '../..'))
  const { app } = await collectorApp({
    store,
    registry,
    assets,
    adminTokenHash: hashToken(adminToken),
    isTrustedProxy: trustedProxies(ranges),
    ratePerSource,
    ratePerSite,
    demo: false,
    now,
    newId,
    log,
    closing,
  })
  const every = (ms: number, run: () => void) => void setInterval(run, ms).unref()
  keepMaturing({ store, now, every, closing })
  return app
}
