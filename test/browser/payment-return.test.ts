import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.ts'
import { type Place, startPlace } from './place.ts'

let browser: Browser
let place: Place
let bank: Awaited<ReturnType<Place['newPages']>>
beforeAll(async () => {
  browser = await launchChromium()
  place = await startPlace()
  bank = await place.newPages()
})
afterAll(async () => {
  await browser.close()
  await place.close()
})

it.each([
  ['/thanks', ''],
  ['/thanks-tagged', '?utm_source=paypal&utm_medium=referral&utm_campaign=checkout&token=EC-1'],
])('a visitor who comes back from paying to %s%s keeps the campaign that brought the sale', async (path, query) => {
  const { pages, collector, ledger } = place
  const html = (body: string) =>
    `<!doctype html><title>shop</title><script src="/tallymark.js" data-site="shop" data-endpoint="${collector.address}"></script>${body}`
  pages.put('/shop', html(`<a id="pay" href="${bank.origin}/pay${path}">Pay</a>`))
  bank.put(`/pay${path}`, `<!doctype html><title>bank</title><a id="back" href="${pages.origin}${path}${query}">Back to the shop</a>`)
  pages.put(path, html(`<script>tallymark('purchase', { orderId: '${path}', value: '10.00', currency: 'NOK' })</script>`))

  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${pages.origin}/shop?utm_campaign=spring&utm_source=news&utm_medium=email`)
  await page.click('#pay')
  await page.click('#back')
  await page.waitForURL(`**${path}*`)
  expect(await page.evaluate('document.referrer')).toBe(`${bank.origin}/`)
  expect(await ledger.until(path, (rows) => rows.some(({ type }) => type === 'purchase'), 15_000)).toBe(true)
  const sale = (await ledger.of(path)).find(({ type }) => type === 'purchase')
  expect(sale).toMatchObject({ campaign: 'spring', tags: { source: 'news', medium: 'email' }, evidence: { credit: { from: 'click' } } })
  // The way back is a touch only where its address names a campaign; then it is kept, without a claim.
  expect(sale?.evidence.touches?.map(({ campaign }) => campaign)).toEqual(query ? ['spring', 'checkout'] : ['spring'])
  await context.close()
})
