import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { launchChromium, userAgentOf } from '../support/chromium.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'

const TOKEN = 'journey-test-token-0123'

let browser: Browser
let folder: string
let collector: RunningCollector
const start = () => startCollector({ TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}`, TALLYMARK_ADMIN_TOKEN: TOKEN })

beforeAll(async () => {
  browser = await launchChromium()
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  collector = await start()
})
afterAll(async () => {
  await browser.close()
  await collector.stop('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

type Row = Record<string, unknown>

async function results(query: string): Promise<Row[]> {
  const response = await fetch(`${collector.address}/v1/results?${query}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  return ((await response.json()) as { rows: Row[] }).rows
}

/** The figures that are not 0, by the value of the one key asked for. */
async function figures(by: string, filter = ''): Promise<Record<string, Row>> {
  const names = ['impressions', 'viewable', 'clicks', 'signups', 'purchases', 'revenueMinor', 'costMinor']
  const rows = await results(`by=${by}${filter}`)
  return Object.fromEntries(
    rows.map((row) => [String(row[by]), Object.fromEntries(names.filter((name) => row[name]).map((name) => [name, row[name]]))]),
  )
}

const seen = (expected: Record<string, object>, filter = '') =>
  vi.waitFor(async () => expect(await figures('placement', filter)).toMatchObject(expected), { timeout: 15_000, interval: 100 })

async function openPage(): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ userAgent: userAgentOf(browser), viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return { page, errors }
}

describe('one visitor on the demo site', () => {
  it('becomes exact totals and an amount owed, which a kill does not change', async () => {
    const { page, errors } = await openPage()
    const magazine = `${collector.address}/demo/magazine/`

    // Seen for a second at the top; the late one is added by script; the one below the fold and the hidden one are not seen.
    await page.goto(magazine)
    await seen({ 'banner-top': { impressions: 1, viewable: 1 }, 'sidebar-late': { impressions: 1, viewable: 1 } })
    expect(Object.keys(await figures('placement')).sort()).toEqual(['banner-top', 'sidebar-late'])
    await page.locator('#ad-article-foot').scrollIntoViewIfNeeded()
    await seen({ 'article-foot': { impressions: 1, viewable: 1 } })

    // The club's banner leads to its form.
    await page.locator('#ad-article-foot').click()
    await page.waitForURL(/signup\.html/)
    await page.fill('#signup-name', 'Ada')
    await page.fill('#signup-email', 'ada@example.com')
    await page.check('#plan-plus')
    await page.click('#signup-submit')
    await page.waitForURL(/welcome\.html/)
    await seen({ 'article-foot': { clicks: 1, signups: 1 } })

    // A second visit to the magazine, and the spring sale is clicked and bought from.
    await page.goto(magazine)
    await seen({ 'banner-top': { impressions: 2, viewable: 2 }, 'sidebar-late': { impressions: 2, viewable: 2 } })
    await page.locator('#ad-banner-top').click()
    await page.waitForURL(/landing\.html/)
    await page.click('#shop-sale')
    await page.waitForURL(/product\.html/)
    await page.click('#add-lofot-18')
    await page.click('#go-to-checkout')
    await page.waitForURL(/checkout\.html/)
    await page.fill('#checkout-name', 'Ada')
    await page.fill('#checkout-email', 'ada@example.com')
    await page.selectOption('#checkout-plan', 'plus')
    await page.click('#checkout-submit')
    await page.waitForURL(/thanks\.html/)
    await seen({ 'banner-top': { purchases: 1 } })
    // The reload sends the purchase again, and it is acknowledged again; the totals below say that it counts once.
    const again = page.waitForResponse((response) => response.status() === 202 && `${response.request().postData()}`.includes('"purchase"'))
    await page.reload()
    await again

    const [{ revenueMinor } = {}] = await results('by=campaign&campaign=spring-sale')
    const price = Number(revenueMinor)
    expect(price).toBeGreaterThan(0)
    const expected = {
      campaigns: {
        // 2 impressions at 37.50 per 1,000 are 7.5 øre, half to even 8; 10 % of the sale.
        'spring-sale': { impressions: 2, viewable: 2, clicks: 1, purchases: 1, revenueMinor: price, costMinor: 8 + price / 10 },
        'trail-club': { impressions: 1, viewable: 1, clicks: 1, signups: 1, costMinor: 2_500 },
        'pack-light': { impressions: 2, viewable: 2 },
      },
      placements: {
        'banner-top': { impressions: 2, viewable: 2, clicks: 1, purchases: 1, revenueMinor: price, costMinor: 8 + price / 10 },
        'article-foot': { impressions: 1, viewable: 1, clicks: 1, signups: 1, costMinor: 2_500 },
        'sidebar-late': { impressions: 2, viewable: 2 },
      },
      audiences: {
        hikers: { impressions: 4, viewable: 4, clicks: 1, costMinor: 8 },
        readers: { impressions: 1, viewable: 1, clicks: 1 },
        null: { signups: 1, purchases: 1, revenueMinor: price, costMinor: 2_500 + price / 10 },
      },
      plans: { plus: { signups: 1, purchases: 1, revenueMinor: price, costMinor: 2_500 + price / 10 } },
    }
    const measured = async () => {
      const { null: _untagged, ...plans } = await figures('segment.plan')
      return {
        campaigns: await figures('campaign'),
        placements: await figures('placement'),
        audiences: await figures('segment.audience'),
        plans,
      }
    }
    expect(await measured()).toEqual(expected)

    expect(errors).toEqual([])
    await page.context().close() // its panel would miss the collector

    expect(await collector.stop('SIGKILL')).toBeNull()
    collector = await start()
    expect(await measured()).toEqual(expected)
  })
})
