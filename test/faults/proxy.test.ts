import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../crash/random.ts'
import { startProxy, type TcpProxy } from './proxy.ts'

/** Answers `ok <request>` to each line, and closes after `bye`. */
function echo(socket: Socket): void {
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (text: string) => {
    received.push(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) socket.write(`ok ${line}\n`)
    if (lines.includes('bye')) socket.end()
  })
  let rest = ''
}

/** Timers of Node may fire up to 1 ms early, and a way has several. */
const EARLY_MS = 5

let server: Server
let proxy: TcpProxy
let received: string[]
beforeEach(async () => {
  received = []
  server = createServer(echo).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await startProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, random: seededRandom(1) })
})
afterEach(async () => {
  await proxy.close()
  server.close()
})

/** What a client sees: all chunks until the connection ends, and the error's code. */
async function talk(text: string): Promise<{ chunks: string[]; error: string | undefined; ms: number }> {
  const startedAt = performance.now()
  const client = connect(Number(new URL(proxy.address).port), '127.0.0.1')
  const chunks: string[] = []
  let error: string | undefined
  client.setEncoding('latin1').on('data', (chunk: string) => chunks.push(chunk))
  client.on('error', ({ code }: NodeJS.ErrnoException) => {
    error = code
  })
  client.write(text)
  await new Promise((resolve) => client.once('close', resolve))
  return { chunks, error, ms: performance.now() - startedAt }
}

describe('proxy', () => {
  it('passes everything on while all is off', async () => {
    const { chunks, error } = await talk('one\ntwo\nbye\n')
    expect([chunks.join(''), error]).toEqual(['ok one\nok two\nok bye\n', undefined])
  })

  it('delays both ways by the latency', async () => {
    proxy.set({ latencyMs: 60 })
    const { chunks, ms } = await talk('bye\n')
    expect(chunks.join('')).toBe('ok bye\n')
    expect(ms).toBeGreaterThanOrEqual(120 - EARLY_MS)
  })

  it('refuses while it is down, cuts what is open, and serves again after', async () => {
    const open = talk('hello\n')
    while (received.length === 0) await new Promise(setImmediate)
    proxy.set({ down: true })
    expect((await open).error).toBe('ECONNRESET')
    expect((await talk('bye\n')).error).toBe('ECONNRESET')
    proxy.set({})
    expect((await talk('bye\n')).chunks.join('')).toBe('ok bye\n')
  })

  it('lets no more through than the bandwidth', async () => {
    proxy.set({ bytesPerSecond: 5_000 })
    const line = 'x'.repeat(496)
    const { chunks, ms } = await talk(`${line}\nbye\n`)
    expect(chunks.join('')).toBe(`ok ${line}\nok bye\n`)
    expect(ms).toBeGreaterThanOrEqual(200 - EARLY_MS) // 501 bytes there and 507 back
  })

  it('tells of the end late with a slow close, of the answer at once', async () => {
    proxy.set({ slowCloseMs: 100 })
    const { chunks, ms } = await talk('bye\n')
    expect(chunks.join('')).toBe('ok bye\n')
    expect(ms).toBeGreaterThanOrEqual(100 - EARLY_MS)
  })

  it('resets before the server sees the request', async () => {
    proxy.set({ reset: 1 })
    expect(await talk('bye\n')).toMatchObject({ chunks: [], error: 'ECONNRESET' })
    expect([received, proxy.figures.resets]).toEqual([[], 1])
  })

  it('cuts into slices that come one by one', async () => {
    proxy.set({ sliceBytes: 3 })
    const { chunks } = await talk('abcdefgh\nbye\n')
    expect(chunks.join('')).toBe('ok abcdefgh\nok bye\n')
    expect(received.join('')).toBe('abcdefgh\nbye\n')
    expect(Math.max(...chunks.map(({ length }) => length))).toBe(3)
  })

  it('delivers the request, waits for its answer and cuts the client off instead', async () => {
    proxy.set({ dropResponse: 1 })
    expect(await talk('bye\n')).toMatchObject({ chunks: [], error: undefined })
    expect([received, proxy.figures.droppedResponses]).toEqual([['bye\n'], 1])
  })

  it('decides by the random numbers that it was given', async () => {
    const seen: boolean[][] = []
    for (let run = 0; run < 2; run++) {
      const own = await startProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, random: seededRandom(7) })
      const before = proxy
      proxy = own
      own.set({ dropResponse: 0.5 })
      const answers: boolean[] = []
      for (let n = 0; n < 12; n++) answers.push((await talk('bye\n')).chunks.length > 0)
      seen.push(answers)
      proxy = before
      await own.close()
    }
    expect(seen[0]).toEqual(seen[1])
    expect(new Set(seen[0])).toEqual(new Set([true, false]))
  })
})
