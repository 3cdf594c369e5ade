import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { serve } from '@hono/node-server'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { launchChromium, userAgentOf } from '../support/chromium.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const DOCS = readFileSync(join(ROOT, 'docs/sdk.md'), 'utf8')

/** The examples of docs/sdk.md by name. */
const EXAMPLES = new Map([...DOCS.matchAll(/^```\w+ ([\w-]+)\n(.*?)^```$/gms)].map(([, name = '', code = '']) => [name, code]))
const run = new Set<string>()

let browser: Browser
let folder: string
let collector: TestCollector
let server: Server
let origin: string
/** What the server gives besides the collector's own, by path. */
let pages: Record<string, { type: string; body: string; headers?: Record<string, string> }>
/** The bodies that the server was sent. */
let posted: { vitals?: object[] }[]
let context: BrowserContext
let page: Page
let errors: string[]

beforeAll(async () => {
  browser = await launchChromium()
  folder = await mkdtemp(join(ROOT, 'node_modules/.tallymark-docs-'))
})
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  collector = await testCollector()
  await collector.registry.putSite('shop', { name: 'Shop', origins: [], allow: ['localhost', 'automation'] })
  pages = {}
  posted = []
  server = serve({
    port: 0,
    async fetch(request, env) {
      if (request.method === 'POST') posted.push(await request.clone().json())
      const found = pages[new URL(request.url).pathname]
      if (!found) return collector.app.fetch(request, env)
      return new Response(found.body, { headers: { 'content-type': found.type, ...found.headers } })
    },
  }) as Server
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  context = await browser.newContext({ userAgent: userAgentOf(browser) })
  page = await context.newPage()
  errors = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => errors.push(message.text()))
})
afterEach(async () => {
  await context.close()
  server.close()
  await collector.destroy()
  expect(errors).toEqual([])
})

/** Example `name` with the collector of this test for `https://t.example`. */
function example(name: string): string {
  run.add(name)
  const code = EXAMPLES.get(name)
  if (!code) throw new Error(`docs/sdk.md has no example "${name}"`)
  return code.replaceAll('https://t.example', origin)
}

/** Puts `body` on a page and opens it. */
async function open(body: string, { path = '/page', query = '', headers = {} } = {}) {
  pages[path] = { type: 'text/html; charset=utf-8', headers, body: `<!doctype html><link rel="icon" href="data:,"><body>${body}` }
  await page.goto(origin + path + query)
}

/** Bundles `source`, in which 'tallymark' is what the build made, and puts it on a page. */
async function openModule(source: string, { extension = 'js', html = '', query = '' } = {}) {
  const input = join(folder, `${Math.random()}.${extension}`)
  writeFileSync(input, source)
  const bundle = await rolldown({
    input,
    transform: { define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' } },
    resolve: { alias: { tallymark: join(ROOT, 'dist/sdk/index.js'), vue: join(ROOT, 'node_modules/vue/dist/vue.esm-bundler.js') } },
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  pages['/module.js'] = { type: 'text/javascript', body: output[0].code }
  await open(`${html}<script type="module" src="/module.js"></script>`, { query })
}

/** Waits until the collector has counted this, and nothing else. */
async function counted(expected: Record<string, number>) {
  await vi.waitFor(
    async () => {
      const { totals } = await collector.results('by=site')
      const all = ['impressions', 'viewable', 'clicks', 'signups', 'purchases']
      expect(Object.fromEntries(all.map((name) => [name, totals[name]]).filter(([, count]) => count))).toEqual(expected)
    },
    { timeout: 10_000, interval: 50 },
  )
}

test('script tag, markup and calls', async () => {
  await open(example('script-tag'))
  await counted({ impressions: 1, viewable: 1 })
  await page.click('a')
  await counted({ impressions: 1, viewable: 1, clicks: 1 })
  await page.evaluate(example('calls'))
  await counted({ impressions: 1, viewable: 1, clicks: 1, signups: 1, purchases: 1 })
  await page.click('button')
  await counted({ impressions: 1, viewable: 1, clicks: 1, signups: 2, purchases: 1 })
})

test('npm', async () => {
  await openModule(example('npm'), { query: '?utm_campaign=spring' })
  await counted({ clicks: 1, purchases: 1 })
})

test('React', async () => {
  const app = `
    import { createRoot } from 'react-dom/client'
    import { StrictMode } from 'react'
    const order = { id: 'A-1', total: '1.00', currency: 'NOK' }
    createRoot(document.querySelector('#app')).render(<StrictMode><TallymarkProvider><Thanks order={order} /></TallymarkProvider></StrictMode>)`
  await openModule(example('react') + app, { extension: 'jsx', html: '<div id="app"></div>', query: '?utm_campaign=spring' })
  await counted({ clicks: 1, purchases: 1 })
  expect(await page.textContent('h1')).toBe('Thank you')
})

test('React on a server', async () => {
  const input = join(folder, 'server.jsx')
  writeFileSync(
    input,
    `${example('react')}
     import { renderToString } from 'react-dom/server'
     export const html = renderToString(<TallymarkProvider><Thanks order={{ id: 'A-1' }} /></TallymarkProvider>)`,
  )
  const bundle = await rolldown({ input, platform: 'node', resolve: { alias: { tallymark: join(ROOT, 'dist/sdk/index.js') } } })
  const file = join(folder, 'server.mjs')
  await bundle.write({ file, format: 'es' })
  await bundle.close()
  expect((await import(file)).html).toBe('<h1>Thank you</h1>')
})

test('Vue', async () => {
  const app = `
    import { createApp, inject } from 'vue'
    const App = { template: '<h1>Thank you</h1>', setup() { inject('tallymark').purchase({ orderId: 'A-1', value: '1.00', currency: 'NOK' }) } }
    createApp(App).use(tallymark).mount('#app')`
  await openModule(example('vue') + app, { html: '<div id="app"></div>', query: '?utm_campaign=spring' })
  await counted({ clicks: 1, purchases: 1 })
  expect(await page.textContent('h1')).toBe('Thank you')
})

test('a single-page app', async () => {
  await openModule(example('single-page'))
  await counted({ clicks: 1 })
  expect(page.url()).toBe(`${origin}/offers?utm_campaign=spring-sale`)
})

test('Google Tag Manager', async () => {
  await open(`<h1>Page</h1>${example('gtm')}<script>tallymark('purchase', { orderId: 'A-1' })</script>`, { query: '?utm_campaign=spring' })
  await counted({ clicks: 1, purchases: 1 })
})

test('checkout, loaded twice', async () => {
  await open(example('checkout'))
  await counted({ purchases: 1 })
  await page.reload()
  await page.waitForFunction(() => 'site' in (window as unknown as { tallymark: object }).tallymark)
  await page.goto('about:blank')
  await counted({ purchases: 1 })
})

test('what the checkout reports to others', async () => {
  await open(example('shims'))
  await counted({ purchases: 1 })
})

test('an experiment', async () => {
  await openModule(example('variant'), { html: '<h1></h1>' })
  await counted({ impressions: 1 })
  expect(['Spring sale', 'Half price']).toContain(await page.textContent('h1'))
})

test('web vitals', async () => {
  await open(`<h1>Page</h1>${example('vitals')}`, { query: '?utm_campaign=spring' })
  await page.waitForLoadState('load')
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => setTimeout(resolve, 50))))
  await page.click('h1')
  await page.goto('about:blank')
  const sent = () => posted.flatMap(({ vitals = [] }) => vitals)
  await vi.waitFor(() => expect(sent()).toContainEqual(expect.objectContaining({ name: 'LCP', campaign: 'spring', page: '/page' })))
  expect(sent()).toContainEqual(expect.objectContaining({ name: 'TTFB' }))
})

test.each([
  ['Yes', true],
  ['No', false],
])('the consent banner: %s', async (answer, keeps) => {
  await open(example('consent'), { query: '?utm_campaign=spring' })
  await counted({ clicks: 1 })
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('tallymark.')).length)
  expect(await kept()).toBe(0)
  await page.click(`text=${answer}`)
  expect((await kept()) > 0).toBe(keeps)
})

test('integrity, under the policy given', async () => {
  const { tallymark } = (await (await collector.app.request('/scripts.json')).json()) as Record<string, { path: string; integrity: string }>
  const policy = example('csp').trim().replace('content-security-policy: ', '')
  const tag = example('integrity')
    .replace('/tallymark.VERSION-HASH.js', tallymark?.path ?? '')
    .replace('sha384-…', tallymark?.integrity ?? '')
  pages['/page'] = {
    type: 'text/html; charset=utf-8',
    headers: { 'content-security-policy': policy },
    body: `<!doctype html><title>x</title><body>${tag}<div data-tm-impression="top">An ad</div>`,
  }
  await page.goto(`${origin}/page?utm_campaign=spring`)
  await counted({ impressions: 1, viewable: 1, clicks: 1 })
  // What the browser itself asks for, and the policy refuses.
  errors = errors.filter((text) => !text.includes('favicon'))
})

test('integrity refuses other bytes', async () => {
  const tag = example('integrity')
    .replace('/tallymark.VERSION-HASH.js', '/tallymark.js')
    .replace('sha384-…', `sha384-${'A'.repeat(64)}`)
  await open(tag, { query: '?utm_campaign=spring' })
  await page.waitForLoadState('load')
  expect(await page.evaluate(() => 'tallymark' in window)).toBe(false)
  expect(errors).toHaveLength(1)
  expect(errors.splice(0)[0]).toContain('integrity')
})

test('the examples of a server', async () => {
  const seen: unknown[] = []
  const receiver = serve({
    port: 0,
    async fetch(request) {
      seen.push([request.headers.get('authorization'), new URL(request.url).pathname, ...(await request.json()).events])
      return Response.json({ accepted: 1, duplicates: 0, rejected: [] }, { status: 202 })
    },
  }) as Server
  if (!receiver.listening) await new Promise((resolve) => receiver.once('listening', resolve))
  const file = join(folder, 'checkout.mjs')
  writeFileSync(
    file,
    example('server')
      .replaceAll(origin, `http://localhost:${(receiver.address() as AddressInfo).port}`)
      .replace("'tallymark/server'", `'${join(ROOT, 'dist/sdk/server.js')}'`),
  )
  process.env.TALLYMARK_KEY = 'sk_example'
  const { orderPaid } = await import(file)
  await orderPaid({ id: 'A-1', total: '1.00', currency: 'NOK' })
  receiver.close()
  expect(seen).toEqual([['Bearer sk_example', '/v1/conversions', expect.objectContaining({ type: 'purchase', orderId: 'A-1' })]])
})

test('no example is left out', () => {
  expect([...run].sort()).toEqual([...EXAMPLES.keys()].sort())
  // Each block of code is an example, so that none goes unseen.
  expect(DOCS.match(/^```\w+/gm)).toHaveLength(EXAMPLES.size)
})
