import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { browserPath } from '../engines/engine.ts'
import { type Place, startPlace } from '../place.ts'
import { repetitionsOf } from './repetitions.ts'

const REPETITIONS = repetitionsOf(50)

let place: Place
let browser: Browser
let page: Page
beforeAll(async () => {
  place = await startPlace()
  // Puppeteer, since Playwright stops a page that is prerendered before its first script.
  browser = await puppeteer.launch({
    executablePath: browserPath('TALLYMARK_CHROMIUM'),
    headless: 'shell',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  page = await browser.newPage()
})
afterAll(async () => {
  await browser?.close()
  await place?.close()
})

/** Puts a page of which another, `/from…`, tells the browser that it is next, and waits until its scripts have run ahead. */
async function prerender(path: string): Promise<string> {
  const { pages, collector } = place
  pages.put(
    path,
    `<!doctype html><title>${path}</title><script src="/tallymark.js" data-site="shop" data-endpoint="${collector.address}"></script>
    <script>tallymark('click', { campaign: 'spring', placement: 'call' }); tallymark('variant', 'headline', { A: 1 }); if (document.prerendering) fetch('/ahead${path}')</script>`,
  )
  const rules = JSON.stringify({ prerender: [{ urls: [`${path}?utm_campaign=spring`], eagerness: 'immediate' }] })
  const from = pages.put(
    `/from${path}`,
    `<!doctype html><title>From</title><script type="speculationrules">${rules}</script><a href="${path}?utm_campaign=spring">Next</a>`,
  )
  await page.goto(pages.origin + from)
  await vi.waitUntil(() => pages.requests.includes(`/ahead${path}`), { timeout: 10_000, interval: 10 })
  return path
}

const placements = async (path: string) => (await place.ledger.of(path)).map(({ tags }) => tags.placement ?? 'landing').sort()

describe('a page that is prerendered', () => {
  it(`counts nothing when it is never shown, ${REPETITIONS} times`, { timeout: 180_000 }, async () => {
    const paths: string[] = []
    for (let i = 0; i < REPETITIONS; i++) paths.push(await prerender(`/never-${i}`))
    // The same visitor's next page would send whatever they had left in the queue.
    place.pages.put('/last', `<script src="/tallymark.js" data-site="shop" data-endpoint="${place.collector.address}"></script>`)
    await page.goto(`${place.pages.origin}/last`)
    await page.evaluate(`tallymark('click', { campaign: 'spring' })`)
    await page.evaluate(`tallymark('flush').then(() => true)`)
    expect(await place.ledger.until('/last', ({ length }) => length === 1, 10_000)).toBe(true)
    const counted = await Promise.all(paths.map(placements))
    expect(counted.flat()).toEqual([])
  })

  it('counts its landing, its calls and the arm that it drew once when it is shown', async () => {
    const path = await prerender('/shown')
    await page.click('a')
    await vi.waitUntil(async () => (await page.evaluate('location.pathname')) === path, { timeout: 10_000, interval: 20 })
    expect(await place.ledger.until(path, ({ length }) => length === 3, 10_000)).toBe(true)
    expect(await placements(path)).toEqual(['call', 'experiment:headline', 'landing'])
  })
})
