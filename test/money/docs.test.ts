import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestCollector, TOKEN, testCollector } from '../support/collector.ts'
import { ledgerEventOf, purchaseOf } from '../support/events.ts'

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/money.md'), 'utf8')

/** The requests of the page in their order, each with the answer below it. */
const EXAMPLES = [...DOCS.matchAll(/```http\n(\S+) (\S+)\n([^`]*)```\s+```json\n([^`]+)```/g)].map(
  ([, method = '', path = '', body = '', answer = '']) => ({ method, path, body: body.trim(), answer: JSON.parse(answer) as object }),
)

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring-sale', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  const on = (day: number, n: number) => ({ campaign: 'spring-sale', n, occurredAt: Date.UTC(2026, 10, day, 10) + n })
  await collector.store.append([
    purchaseOf({ ...on(20, 1), orderId: 'A-1001' }),
    purchaseOf({ ...on(20, 2), orderId: 'A-1002' }),
    ledgerEventOf(on(21, 3)),
    ledgerEventOf({ ...on(22, 4), type: 'signup', evidence: { leadId: 'L-1' } }),
    purchaseOf({ ...on(23, 5), orderId: 'A-1003', valueMinor: 41_500 }),
  ])
})
afterEach(() => collector.destroy())

it('has an answer to each request', () => {
  expect(EXAMPLES).toHaveLength(DOCS.match(/```http/g)?.length ?? -1)
})

it('is what a collector answers, request by request', async () => {
  const { key } = await (await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })).json()
  for (const { method, path, body, answer } of EXAMPLES) {
    const token = path === '/v1/adjustments' ? key : TOKEN
    const response = await collector.app.request(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== '' && { body }),
    })
    expect(await response.json(), `${method} ${path}`).toMatchObject(answer)
  }
})
