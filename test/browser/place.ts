import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { type LedgerReader, readLedger } from './ledger.ts'
import { type Pages, startPages } from './pages.ts'

const TOKEN = 'browser-test-token-0123'

export interface Place {
  collector: RunningCollector
  ledger: LedgerReader
  pages: Pages
  /** Another web server, with storage that no page has written yet. */
  newPages(): Promise<Pages>
  /** Rows of `GET /v1/results`. */
  results(query: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

/** A real collector that counts site `shop` on this machine, driven browsers and any number of clicks included, and pages to visit. */
export async function startPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  const path = join(folder, 'tallymark.db')
  const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${path}`, TALLYMARK_ADMIN_TOKEN: TOKEN })
  const servers: Pages[] = []
  const admin = (url: string, init: RequestInit = {}) =>
    fetch(`${collector.address}${url}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    })
  const put = async (url: string, body: object) => {
    const response = await admin(url, { method: 'PUT', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`)
  }
  async function newPages() {
    const pages = await startPages()
    servers.push(pages)
    await put('/v1/sites/shop', { origins: servers.map(({ insecure }) => insecure), allow: ['localhost', 'automation'] })
    return pages
  }
  await put('/v1/campaigns/spring', { currency: 'NOK', invalidTraffic: { doubleClickSeconds: null, clickLimits: null } })
  const pages = await newPages()
  const ledger = readLedger(path)
  return {
    collector,
    ledger,
    pages,
    newPages,
    async results(query) {
      const response = await admin(`/v1/results?${query}`)
      return ((await response.json()) as { rows: Record<string, unknown>[] }).rows
    },
    async close() {
      await ledger.close()
      await collector.stop('SIGTERM')
      await Promise.all(servers.map((server) => server.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
