import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../collector/listen.ts'
import { BROWSER, type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'

let inside: TestCollector
let served: TestCollector
let listening: Listening
beforeEach(async () => {
  inside = await testCollector()
  served = await testCollector()
  listening = await listen(served.built, { port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  await listening.close()
  await inside.destroy()
  await served.destroy()
})

/** An impression: clicks carry the key of the visitor, which no two collectors share. */
const seen = (n: number) => wireEventOf({ n, type: 'impression' })
const batch = (...events: unknown[]) => JSON.stringify({ site: 'shop', sentAt: NOON, events })
const HEADERS = { 'content-type': 'text/plain', origin: 'https://shop.example', 'user-agent': BROWSER }

/** What an answer says, but what belongs to the connection. */
async function said(response: Response) {
  const {
    date,
    connection,
    'keep-alive': _alive,
    'content-length': _length,
    'transfer-encoding': _encoding,
    ...headers
  } = Object.fromEntries(response.headers)
  return { status: response.status, headers, body: await response.text() }
}

/** Sends raw text and gives all that comes back until the server closes. */
function raw(text: string, more?: (write: (chunk: string) => void) => void): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(listening.port, '127.0.0.1', () => {
      socket.write(text)
      more?.((chunk) => socket.writable && socket.write(chunk))
    })
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', () => {}) // the server may cut off what it does not read
  })
}

describe('POST /v1/events over a socket', () => {
  it.each([
    ['a good batch', batch(seen(1), seen(1), { type: 'view' }), {}],
    ['another batch, all bad', batch({ type: 'view' }), {}],
    ['no JSON', '{', {}],
    ['invalid UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), {}],
    ['an empty body', '', {}],
    ['an unknown site', batch(seen(1)).replace('shop', 'nobody'), {}],
    ['another origin', batch(seen(1)), { origin: 'https://evil.example' }],
    ['no origin', batch(seen(1)), { origin: undefined }],
    ['another type', batch(seen(1)), { 'content-type': 'image/png' }],
    ['an encoding', batch(seen(1)), { 'content-encoding': 'gzip' }],
    ['a body over the limit', batch(seen(1)).padEnd(65_537), {}],
    ['a bot', batch(seen(1)), { 'user-agent': 'curl/8.0' }],
  ])('answers %s as the Hono route does', async (_name, body, change) => {
    const headers = Object.entries({ ...HEADERS, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const init = { method: 'POST', headers, body: body as BodyInit }
    const expected = await said(await inside.app.request('/v1/events', init))
    expect(await said(await fetch(`http://127.0.0.1:${listening.port}/v1/events`, init))).toEqual(expected)
    expect(await served.store.counters()).toEqual(await inside.store.counters())
    const rows = (collector: TestCollector) => collector.store.ledger({ afterSeq: 0, limit: 10 })
    expect(await rows(served)).toEqual(await rows(inside))
  })

  it('serves everything else by Hono', async () => {
    const response = await fetch(`http://127.0.0.1:${listening.port}/healthz`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  it('closes an endless body at the limit', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const answer = await raw('POST /v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', (write) => {
      for (let i = 0; i < 20; i++) write(chunk)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('too_large')
  })

  it('refuses a length that does not fit the body, and both kinds of length', async () => {
    expect(await raw('POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n{}')).toMatch(/^HTTP\/1\.1 413 /)
    expect(await raw('POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}')).toMatch(
      /^HTTP\/1\.1 400 /,
    )
  })

  it('counts a request under way when the server closes', async () => {
    const body = batch(seen(1))
    const head = `POST /v1/events HTTP/1.1\r\nHost: x\r\nUser-Agent: ${BROWSER}\r\nContent-Length: ${body.length}\r\n\r\n`
    let closing: Promise<void> | undefined
    const answer = await raw(head + body.slice(0, 20), (write) => {
      closing = listening.close()
      write(body.slice(20))
    })
    await closing
    expect(answer).toMatch(/^HTTP\/1\.1 202 /)
    listening = await listen(served.built, { port: 0, host: '127.0.0.1' })
  })
})
