import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore } from '../collector/store/sqlite/sqliteStore.ts'
import { BROWSER } from './support/collector.ts'
import { idNumber, ledgerEventOf } from './support/events.ts'
import { runCollector, startCollector } from './support/process.ts'
import { startReceiver } from './support/receiver.ts'

let folder: string
let environment: Record<string, string>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
  environment = { TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}` }
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const TOKEN = 'process-test-token-0123'
/** Impressions, since many clicks of one visitor would not count. */
const seen = (n: number) => ({
  id: idNumber(n, Date.now()),
  type: 'impression',
  occurredAt: Date.now(),
  campaign: 'spring',
  placement: `p${n % 3}`,
})
const send = (address: string, events: object[]) =>
  fetch(`${address}/v1/events`, {
    method: 'POST',
    headers: { 'user-agent': BROWSER },
    body: JSON.stringify({ site: 'my-site', sentAt: Date.now(), events }),
  })
const results = async (address: string, by: string) => {
  const response = await fetch(`${address}/v1/results?by=${by}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const { rows } = (await response.json()) as { rows: unknown[] }
  return rows
}

describe('tallymark start', () => {
  it('prints addresses, script tag and, at the first start only, the admin token', async () => {
    const first = await startCollector(environment)
    expect(first.output()).toContain(`Demo site    ${first.address}/demo/`)
    expect(first.output()).toContain(`<script async src="${first.address}/tallymark.js" data-site="my-site"></script>`)
    const [, token] = /Admin token +(tm_admin_\S{43})/.exec(first.output()) ?? []
    const ask = (address: string) => fetch(`${address}/v1/sites`, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask(first.address)).status).toBe(200)
    expect(await first.stop('SIGTERM')).toBe(0)
    const second = await startCollector(environment)
    expect(second.output()).not.toContain('tm_admin_')
    expect((await ask(second.address)).status).toBe(200)
    expect(await second.stop('SIGTERM')).toBe(0)
  })

  it('tells webhooks of a budget that is used up, also after a restart', async () => {
    const receiver = await startReceiver()
    const told = new Promise<void>((heard) => {
      receiver.answer = (_request, response) => {
        response.writeHead(204).end()
        if (receiver.received.length === 3) heard()
      }
    })
    const settings = { ...environment, TALLYMARK_ADMIN_TOKEN: TOKEN, TALLYMARK_WEBHOOK_PRIVATE: 'on' }
    const first = await startCollector(settings)
    const ask = (address: string, method: string, path: string, body?: object) =>
      fetch(`${address}/v1/${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` }, ...(body && { body: JSON.stringify(body) }) })
    await ask(first.address, 'PUT', 'campaigns/spring', { currency: 'NOK' })
    const budget = { total: '1.00', monthly: null, daily: null }
    await ask(first.address, 'POST', 'campaigns/spring/terms', {
      from: '2026-01-01T00:00:00Z',
      pays: [{ model: 'cpm', rate: '100' }],
      budget,
    })
    expect((await ask(first.address, 'POST', 'webhooks', { url: receiver.url })).status).toBe(201)
    await send(
      first.address,
      Array.from({ length: 20 }, (_, n) => seen(n)),
    )
    expect(await first.stop('SIGTERM')).toBe(0)
    const second = await startCollector(settings)
    await told
    expect(receiver.received.map(({ body }) => JSON.parse(body).data.threshold)).toEqual([50, 80, 100])
    const { state } = (await (await fetch(`${second.address}/v1/campaigns/spring/state`)).json()) as { state: string }
    expect(state).toBe('exhausted')
    expect(await second.stop('SIGTERM')).toBe(0)
    await receiver.close()
  })

  it('keeps everything acknowledged over SIGKILL, and counts a repetition once', async () => {
    const withToken = { ...environment, TALLYMARK_ADMIN_TOKEN: TOKEN }
    const first = await startCollector(withToken)
    const events = Array.from({ length: 30 }, (_, n) => seen(n))
    const receipts = await Promise.all([0, 10, 20].map(async (at) => (await send(first.address, events.slice(at, at + 10))).json()))
    expect(receipts).toEqual([0, 1, 2].map(() => ({ accepted: 10, duplicates: 0, rejected: [] })))
    const before = [await results(first.address, 'campaign'), await results(first.address, 'placement')]
    expect(await first.stop('SIGKILL')).toBeNull()
    const second = await startCollector(withToken)
    expect([await results(second.address, 'campaign'), await results(second.address, 'placement')]).toEqual(before)
    expect(await (await send(second.address, events)).json()).toEqual({ accepted: 0, duplicates: 30, rejected: [] })
    expect(await results(second.address, 'placement')).toEqual(before[1])
    expect(await second.stop('SIGTERM')).toBe(0)
  })

  it('answers what is under way before SIGTERM ends it', async () => {
    const collector = await startCollector(environment)
    const sent = Array.from({ length: 40 }, (_, n) =>
      send(collector.address, [seen(n)]).then(
        (response) => response.status,
        () => 'refused',
      ),
    )
    await sent[0]
    const code = await collector.stop('SIGTERM')
    const acknowledged = (await Promise.all(sent)).filter((status) => status === 202).length
    expect(code).toBe(0)
    const again = await startCollector({ ...environment, TALLYMARK_ADMIN_TOKEN: TOKEN })
    const [row] = (await results(again.address, 'campaign')) as { impressions: number }[]
    expect(row?.impressions).toBeGreaterThanOrEqual(acknowledged)
    expect(await again.stop('SIGTERM')).toBe(0)
  })

  it('takes events out of the ledger once they are too old, and keeps their totals', async () => {
    const store = sqliteStore({ path: join(folder, 'tallymark.db') })
    const at = Date.now() - 92 * 86_400_000
    await store.append([0, 1, 2].map((n) => ledgerEventOf({ n, occurredAt: at, receivedAt: at })))
    await store.close()
    const withToken = { ...environment, TALLYMARK_ADMIN_TOKEN: TOKEN, TALLYMARK_RETENTION_DAYS: '91' }
    const collector = await startCollector(withToken)
    expect(await results(collector.address, `campaign&from=${new Date(at).toISOString().slice(0, 10)}`)).toMatchObject([
      { campaign: 'spring', clicks: 3 },
    ])
    expect(await collector.stop('SIGTERM')).toBe(0)
    expect(collector.output()).toContain('2 events older than 91 days left the ledger; their totals stay')
  })

  it('ends with a sentence that names the variable and the fix', async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const cases: [Record<string, string>, RegExp][] = [
      [{ TALLYMARK_PORT: String(port) }, /port \d+ is taken\. Set TALLYMARK_PORT to a free one/],
      [{ TALLYMARK_PORT: 'eighty' }, /TALLYMARK_PORT is "eighty"; set it to a number/],
      [
        { TALLYMARK_STORE: 'sqlite:/dev/null/tallymark.db' },
        /cannot open \/dev\/null\/tallymark\.db.* Set TALLYMARK_STORE to a file that this user can write/,
      ],
      [{ TALLYMARK_STORE: 'mysql://x' }, /TALLYMARK_STORE is "mysql:\/\/x"; set it to sqlite:/],
      [{ TALLYMARK_HOST: '203.0.113.1' }, /cannot listen on 203\.0\.113\.1\. Set TALLYMARK_HOST/],
    ]
    for (const [change, sentence] of cases) {
      const { code, output } = await runCollector({ ...environment, ...change })
      expect([code, output]).toEqual([1, expect.stringMatching(sentence)])
      expect(output).not.toContain('    at ')
    }
    taken.close()
  })
})
