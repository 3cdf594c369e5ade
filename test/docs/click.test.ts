import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { serve } from '@hono/node-server'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { launchChromium, userAgentOf } from '../support/chromium.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, NOON } from '../support/events.ts'

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/server.md'), 'utf8')
const example = (name: string) => new RegExp(`^\`\`\`html ${name}\\n(.*?)^\`\`\`$`, 'ms').exec(DOCS)?.[1] ?? ''

let browser: Browser
let collector: TestCollector
let server: Server
let origin: string
let page: string
/** Bodies that the shop's cart was sent. */
let cart: unknown[]
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())
beforeEach(async () => {
  collector = await testCollector()
  await collector.registry.putSite('shop', { name: 'Shop', origins: [], allow: ['localhost', 'automation'] })
  cart = []
  server = serve({
    port: 0,
    async fetch(request, env) {
      const { pathname } = new URL(request.url)
      if (pathname === '/cart/update.js') return Response.json(cart.push(await request.json()))
      if (pathname === '/page') return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
      return collector.app.fetch(request, env)
    },
  }) as Server
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.close()
  await collector.destroy()
})

/** Opens a page with the script and `code`; gives what the page kept. */
async function open(code: string, query: string) {
  page = `<!doctype html><link rel="icon" href="data:,"><script>var kept = []; function keep(id) { kept.push(id) }</script>
${code}<script async src="/tallymark.js" data-site="shop"></script><p>Page</p>`
  const context = await browser.newContext({ userAgent: userAgentOf(browser) })
  const opened = await context.newPage()
  await opened.goto(`${origin}/page${query}`)
  return { opened, context }
}

test.each([
  ['of the URL', `?utm_campaign=spring&tm_click=${idNumber(7)}`, idNumber(7)],
  ['made for a URL without', '?utm_campaign=spring', expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/)],
])('a page keeps the id of the click that led to it, %s, and the click counts once', async (_, query, id) => {
  const { opened, context } = await open(example('click'), query)
  const kept = (await opened.evaluate('kept')) as string[]
  expect(kept).toEqual([id])
  const [click = ''] = kept
  const isThere = async () => expect(await collector.store.event(click)).toMatchObject({ type: 'click', campaign: 'spring' })
  await vi.waitFor(isThere, { timeout: 10_000, interval: 20 })
  await opened.reload()
  expect(await opened.evaluate('kept')).toEqual([click])
  await context.close()
  const totals = await collector.store.totals({ campaign: 'spring', edges: [0, 2 * NOON], dimensions: [] })
  expect(totals).toMatchObject([{ type: 'click', count: 1 }])
})

test('Shopify’s cart takes the click along', async () => {
  const { context } = await open(example('shopify-click') + example('click'), `?utm_campaign=spring&tm_click=${idNumber(8)}`)
  await vi.waitFor(() => expect(cart).toEqual([{ attributes: { tm_click: idNumber(8) } }]), { timeout: 10_000, interval: 20 })
  await context.close()
})
