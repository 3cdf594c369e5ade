import type { Browser, Page } from 'playwright-core'
import type { LedgerRow } from '../../../collector/store/store.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type Place, startPlace } from '../place.ts'

export interface Scene {
  place: Place
  /** Puts a page with the script around `body` and opens it in a browser of its own; `before` is a script that runs before it. */
  open(path: string, body: string, query?: string, before?: string): Promise<Page>
  /** Puts a page without opening it. */
  put(path: string, body: string): void
  /** Waits until one event of the page at `path` reads like this, as `summary` writes it. */
  reached(path: string, line: string): Promise<void>
  /** Leaves the page, lets everything arrive, and gives all that its path ever sent, sorted. */
  all(page: Page, path: string): Promise<string[]>
  /** The same as the ledger has it, in the order in which it came. */
  rows(page: Page, path: string): Promise<LedgerRow[]>
  close(): Promise<void>
}

/** An event in one line: type, placement, and of an impression whether it was viewable. */
export const summary = ({ type, tags, viewable, verdict }: LedgerRow): string =>
  [type, tags.placement ?? '-', ...(viewable ? ['viewable'] : []), ...(verdict === 'counted' ? [] : [verdict])].join(' ')

/** Resolves once the page has been searched: 200 ms after its last change, of which this is one. */
export const heard = (page: Page): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => {
    const probe = document.createElement('p')
    const root = probe.attachShadow({ mode: 'open' })
    const { addEventListener } = root
    document.body.append(probe)
    root.addEventListener = (...args) => { addEventListener.apply(root, args); setTimeout(() => { probe.remove(); resolve(true) }) }
  })`)

const ENDS_MS = 15_000

/** Chromium before a real collector, for what only one engine needs to show. */
export async function openScene(): Promise<Scene> {
  const place = await startPlace()
  const browser: Browser = await launchChromium()
  const { pages, ledger, collector } = place
  const put = (path: string, body: string, before = '') => {
    pages.put(
      path,
      `<!doctype html><meta charset="utf-8"><title>${path}</title>
      <style>body { margin: 0; height: 4000px } .ad { width: 300px; height: 200px; background: silver } .far { position: absolute; top: 3000px }</style>
      <script>{${before}}</script><script src="/tallymark.js" data-site="shop" data-endpoint="${collector.address}" data-campaign="spring"></script>${body}`,
    )
  }
  const rows: Scene['rows'] = async (page, path) => {
    const end = `/end${path}`
    put(end, '')
    // The visitor's next page sends what this one left behind, and then says so.
    await page.goto(`${pages.origin}${end}`)
    await page.evaluate(`tallymark('flush').then(() => tallymark('signup', { placement: 'end' }))`)
    await page.evaluate(`tallymark('flush').then(() => true)`)
    if (!(await ledger.until(end, ({ length }) => length > 0, ENDS_MS))) throw new Error(`nothing arrived after ${path}`)
    return ledger.of(path)
  }
  put('/elsewhere', '')
  return {
    place,
    put,
    rows,
    async open(path, body, query = '', before = '') {
      put(path, body, before)
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      const page = await context.newPage()
      await page.goto(pages.origin + path + query)
      return page
    },
    async reached(path, line) {
      const isThere = await ledger.until(path, (events) => events.some((event) => summary(event) === line), ENDS_MS)
      if (!isThere) throw new Error(`${path} never sent "${line}"; it sent: ${(await ledger.of(path)).map(summary).join(', ')}`)
    },
    all: async (page, path) => (await rows(page, path)).map(summary).sort(),
    async close() {
      await browser.close()
      await place.close()
    },
  }
}
