import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signMessage } from '../../collector/webhooks/signMessage.ts'
import { webhookTransport } from '../../collector/webhooks/webhookTransport.ts'
import { launchChromium } from '../support/chromium.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/alerts.md'), 'utf8')
const example = (language: string) => new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(DOCS)?.[1] ?? ''

describe('the verification in docs/alerts.md', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tallymark-'))
  const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const AT = 1_795_521_600_000
  const body = '{"test": "ø"}'
  // biome-ignore lint/suspicious/noExplicitAny: code of a document
  let isFromTallymark: (message: any) => boolean
  let receiver: Receiver
  beforeAll(async () => {
    const file = join(folder, 'verify.mjs')
    writeFileSync(file, example('js'))
    isFromTallymark = (await import(file)).isFromTallymark
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await receiver.close()
    rmSync(folder, { recursive: true })
  })

  const message = (secrets = [SECRET]) => ({ headers: signMessage({ id: 'msg_1', at: AT, body, secrets }), body, secret: SECRET, now: AT })

  it('takes what arrives over a socket', async () => {
    await webhookTransport({ allowPrivate: true }).post(receiver.url, { headers: message().headers, body })
    const [{ headers, body: raw } = { headers: {}, body: '' }] = receiver.received
    expect(isFromTallymark({ headers, body: Buffer.from(raw), secret: SECRET, now: AT })).toBe(true)
  })

  it('takes either of two live secrets, and times up to five minutes away', () => {
    expect(isFromTallymark(message(['whsec_AAAA', SECRET]))).toBe(true)
    expect(isFromTallymark({ ...message(), now: AT + 300_000 })).toBe(true)
    expect(isFromTallymark({ ...message(), now: AT - 300_000 })).toBe(true)
  })

  it.each([
    ['another body', { body: '{"test":"ø"}' }],
    ['another secret', { secret: 'whsec_AAAA' }],
    ['a message from six minutes ago', { now: AT + 360_000 }],
    ['a message from six minutes ahead', { now: AT - 360_000 }],
    ['no header', { headers: {} }],
    ['another id', { headers: { ...message().headers, 'webhook-id': 'msg_2' } }],
    ['another time', { headers: { ...message().headers, 'webhook-timestamp': String(AT / 1000 + 1) } }],
    [
      'another version of signature',
      { headers: { ...message().headers, 'webhook-signature': message().headers['webhook-signature']?.replace('v1', 'v2') } },
    ],
    ['a signature cut short', { headers: { ...message().headers, 'webhook-signature': 'v1,AAAA' } }],
    ['an empty signature', { headers: { ...message().headers, 'webhook-signature': 'v1,' } }],
  ])('refuses %s', (_what, change) => {
    expect(isFromTallymark({ ...message(), ...change })).toBe(false)
  })
})

describe('the page in docs/alerts.md', () => {
  let collector: TestCollector
  let servers: Server[]
  beforeEach(async () => {
    collector = await testCollector()
    await collector.admin('PUT', '/v1/campaigns/spring-sale', { currency: 'NOK' })
    servers = []
  })
  afterEach(async () => {
    for (const server of servers) server.close()
    await collector.destroy()
  })
  const serve = async (listener: Parameters<typeof createServer>[1]) => {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it.each([
    ['active', { status: 'active' }, 1],
    ['paused', { status: 'paused' }, 0],
    ['ended', { pays: [] }, 0],
    ['unknown, since the collector is away', null, 1],
  ])('shows its ad or not while the campaign is %s', async (_state, terms, shown) => {
    await collector.admin('POST', '/v1/campaigns/spring-sale/terms', { pays: [{ model: 'cpc', rate: '1' }], ...terms })
    const collectorAt = terms ? await serve(getRequestListener(collector.app.fetch)) : 'http://127.0.0.1:1'
    // On another origin, as a publisher's page is.
    const page = `<!doctype html><link rel="icon" href="data:,"><div id="spring-sale-ad">Ad</div>${example('html').replace('https://t.example', collectorAt)}<script type="module">document.title = 'done'</script>`
    const address = await serve((_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page))
    const browser = await launchChromium()
    try {
      const tab = await browser.newPage()
      await tab.goto(address)
      await tab.waitForFunction(() => document.title === 'done')
      expect(await tab.locator('#spring-sale-ad').count()).toBe(shown)
    } finally {
      await browser.close()
    }
  })
})
