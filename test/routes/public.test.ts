import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StoreError } from '../../collector/store/store.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())
const get = (path: string, headers: Record<string, string> = {}) => collector.app.request(path, { headers })
const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer())

describe('GET /tallymark.js', () => {
  it('is the same script in each encoding, each with a strong tag of its own', async () => {
    const plain = await get('/tallymark.js')
    const brotli = await get('/tallymark.js', { 'accept-encoding': 'gzip, deflate, br' })
    const gzip = await get('/tallymark.js', { 'accept-encoding': 'gzip, br;q=0' })
    expect([plain, brotli, gzip].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, 'br', 'gzip'])
    const content = await bytes(plain)
    expect(brotliDecompressSync(await bytes(brotli))).toEqual(content)
    expect(gunzipSync(await bytes(gzip))).toEqual(content)
    const tags = [plain, brotli, gzip].map(({ headers }) => headers.get('etag') ?? '')
    expect(new Set(tags).size).toBe(3)
    expect(tags.every((tag) => /^"[\w-]+"$/.test(tag))).toBe(true)
    expect(tags[0]).toContain(createHash('sha256').update(content).digest('base64url').slice(0, 27))
    expect(plain.headers.get('content-type')).toContain('javascript')
    expect(plain.headers.get('cache-control')).toContain('max-age=3600')
  })

  it('answers 304 to who has it', async () => {
    const etag = (await get('/tallymark.js')).headers.get('etag') ?? ''
    const again = await get('/tallymark.js', { 'if-none-match': etag })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    expect((await get('/tallymark.js', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('has a source map', async () => {
    expect((await get('/tallymark.js')).headers.get('sourcemap')).toBe('/tallymark.js.map')
    expect(await (await get('/tallymark.js.map')).json()).toMatchObject({
      version: 3,
      sources: expect.arrayContaining([expect.stringContaining('tag.ts')]),
    })
  })
})

describe('the scripts', () => {
  it('each have a path that never changes, and the hash to check them by', async () => {
    const scripts = (await (await get('/scripts.json')).json()) as Record<string, { path: string; integrity: string }>
    expect(Object.keys(scripts)).toEqual(['tallymark', 'vitals', 'shims'])
    for (const [name, { path, integrity }] of Object.entries(scripts)) {
      const response = await get(path, { 'accept-encoding': 'br' })
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      const content = brotliDecompressSync(await bytes(response))
      expect(`sha384-${createHash('sha384').update(content).digest('base64')}`).toBe(integrity)
      expect(content).toEqual(await bytes(await get(`/${name}.js`)))
      expect((await get(`/${name}.js.map`)).status).toBe(200)
    }
  })

  it('are not found under a hash of other bytes', async () => {
    expect((await get('/tallymark.0.1.0-000000000000.js')).status).toBe(404)
  })
})

describe('health', () => {
  it('is ok and ready', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' })
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
  })

  it('is not ready when the store cannot write', async () => {
    await collector.destroy()
    collector = await testCollector({
      wrap: (store) => ({ ...store, ready: () => Promise.reject(new StoreError('store_unavailable', 'sqlite store: disk full')) }),
    })
    const response = await get('/readyz')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await get('/healthz')).status).toBe(200)
  })

  it('answers a mistake of ours without its details', async () => {
    await collector.destroy()
    collector = await testCollector({ wrap: (store) => ({ ...store, ready: () => Promise.reject(new Error('secret detail')) }) })
    const response = await get('/readyz')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(collector.logged).toEqual(['collector: GET /readyz failed'])
  })
})

describe('demo and docs', () => {
  it('serves the demo site with a strict policy and nothing outside of it', async () => {
    const page = await get('/demo/')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect((await get('/demo/magazine/')).status).toBe(200)
    expect((await get('/demo/../package.json')).status).toBe(404)
    expect((await get('/demo/..%2fpackage.json')).status).toBe(404)
    expect((await get('/demo/nothing.html')).status).toBe(404)
  })

  it('makes the totals of demo campaigns public, and of no others', async () => {
    await collector.admin('PUT', '/v1/campaigns/spring-sale', { currency: 'NOK' })
    await collector.admin('PUT', '/v1/campaigns/secret', { currency: 'NOK' })
    const { campaigns } = (await (await get('/demo/totals')).json()) as { campaigns: { id: string }[] }
    expect(campaigns.map(({ id }) => id)).toEqual(['spring-sale'])
  })

  it('explains every error code', async () => {
    expect(await (await get('/docs/errors')).text()).toContain('<div id="origin_not_allowed">')
  })

  it('leads from the root to the dashboard', async () => {
    const response = await get('/')
    expect([response.status, response.headers.get('location')]).toEqual([302, '/dashboard'])
  })
})
