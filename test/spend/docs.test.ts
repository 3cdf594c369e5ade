import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, TOKEN, testCollector } from '../support/collector.ts'
import { ledgerEventOf, purchaseOf } from '../support/events.ts'

const DOCS = readFileSync(resolve(import.meta.dirname, '../../docs/spend.md'), 'utf8')

/** The requests of the page in their order, each with the answer below it. */
const EXAMPLES = [...DOCS.matchAll(/```http\n(\S+) (\S+)\n([^`]*)```\n[^`]*(?:`(?!``)[^`]*)*```json\n([^`]+)```/g)].map(
  ([, method = '', path = '', rest = '', answer = '']) => {
    const [head = '', ...body] = rest.split('\n\n')
    const headers = head.split('\n').flatMap((line): [string, string][] => {
      const [name = '', value = ''] = line.split(': ')
      return name === '' ? [] : [[name, value]]
    })
    return { method, path, headers, body: body.join('\n\n'), answer: JSON.parse(answer) as object }
  },
)

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring-sale', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  const shared = { campaign: 'spring-sale', tags: { source: 'google' } }
  const at = (n: number) => ({ ...shared, n, occurredAt: Date.UTC(2026, 10, 1, 10) + n })
  await collector.store.append([
    ...Array.from({ length: 57 }, (_, n) => ledgerEventOf(at(n))),
    ...(['bot', 'bot', 'double_click'] as const).map((verdict, n) => ledgerEventOf({ ...at(60 + n), verdict })),
    ...[70, 71].map((n) => ledgerEventOf({ ...at(n), type: 'signup' })),
    purchaseOf({ ...at(80), orderId: 'A-1' }),
  ])
})
afterEach(() => collector.destroy())

describe('docs/spend.md', () => {
  it('has a request and an answer for each thing', () => {
    const all = DOCS.match(/```http/g) ?? []
    expect(EXAMPLES.length).toBe(all.length)
    expect(new Set(EXAMPLES.map(({ method, path }) => `${method} ${path.split('?')[0]}`))).toEqual(
      new Set(['POST /v1/spend', 'GET /v1/spend', 'GET /v1/results', 'PUT /v1/rates', 'GET /v1/discrepancies']),
    )
  })

  it('is what a collector answers, request by request', async () => {
    for (const { method, path, headers, body, answer } of EXAMPLES) {
      const response = await collector.app.request(path, {
        method,
        headers: [...headers, ['Authorization', `Bearer ${TOKEN}`]],
        ...(body !== '' && { body }),
      })
      expect([path, response.status, await response.json()]).toMatchObject([path, 200, answer])
    }
  })
})
