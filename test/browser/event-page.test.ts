import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TOUCH_REASONS } from '../../collector/explain/reasons.ts'
import { launchChromium } from '../support/chromium.ts'
import { type RunningCollector, startCollector } from '../support/process.ts'
import { EVIL, fill, ORDER, ORDER_EVENT } from './explained.ts'

const TOKEN = 'event-page-token-0123456'

let browser: Browser
let folder: string
let collector: RunningCollector
beforeAll(async () => {
  browser = await launchChromium()
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  collector = await startCollector({ TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}`, TALLYMARK_ADMIN_TOKEN: TOKEN })
  await fill(collector, { token: TOKEN, now: Date.now() })
})
afterAll(async () => {
  await browser.close()
  await collector.stop('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

async function logIn(options: { width: number; colorScheme: 'light' | 'dark' }): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: options.width, height: 900 }, colorScheme: options.colorScheme })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    // That a page is missing is what one step is about.
    if (message.type() === 'error' && !message.text().includes('404')) errors.push(message.text())
  })
  await page.goto(`${collector.address}/dashboard`)
  await page.fill('input[name=token]', TOKEN)
  await page.click('button[type=submit]')
  await page.waitForURL('**/dashboard')
  return { page, errors }
}

describe.each([
  { width: 1280, colorScheme: 'light' as const },
  { width: 390, colorScheme: 'dark' as const },
])('the page of an order, $width px wide, $colorScheme', (options) => {
  it('is found by its order number and tells its touches', async () => {
    const { page, errors } = await logIn(options)
    await page.click('text=Find an event')
    await page.fill('input[name=q]', 'A-404')
    await page.press('input[name=q]', 'Enter')
    await page.getByText('Nothing in the ledger has the id').waitFor()
    await page.fill('input[name=q]', ORDER)
    await page.press('input[name=q]', 'Enter')
    await page.waitForURL(`**/dashboard/events/${ORDER_EVENT}`)

    expect(await page.locator('h1').textContent()).toBe(`Purchase ${ORDER}`)
    const touches = await page
      .locator('.line > li')
      .evaluateAll((items) => items.map((item) => [item.className, item.querySelector('.why')?.firstChild?.textContent]))
    expect(touches).toEqual([
      ['lost', TOUCH_REASONS.out_of_window],
      ['lost', TOUCH_REASONS.out_of_window],
      ['lost', TOUCH_REASONS.earlier_click],
      ['won', TOUCH_REASONS.last_click],
      ['lost', TOUCH_REASONS.click_wins],
      ['lost', TOUCH_REASONS.payment_return],
      ['end', expect.stringContaining('Credited to spring-sale')],
      ['lost', TOUCH_REASONS.after_conversion],
    ])
    expect(await page.locator('.line').textContent()).toContain(EVIL)
    // The server's word stands, the browser's is shown beside it.
    expect(await page.locator('.amount').textContent()).toContain('449.00')
    expect(await page.locator('#conflicts').count()).toBe(1)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)

    await page.goto(`${collector.address}/dashboard/events/019ab55a-0000-7000-8000-000000000000`)
    await page.getByText('Nothing in the ledger has the id').waitFor()
    expect(errors).toEqual([])
    await page.context().close()
  })
})
