import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { PAYMENT_PROVIDERS } from '../../collector/attribution/isPaymentReturn.ts'
import { TOUCH_REASONS } from '../../collector/explain/reasons.ts'
import { testCollector } from '../support/collector.ts'
import { NOON } from '../support/events.ts'

const DAY = 86_400_000
const text = readFileSync(resolve(import.meta.dirname, '../../docs/attribution.md'), 'utf8')
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

it('works out the example of docs/attribution.md', async () => {
  const [head = '', , ...lines] = (text.split('## Example')[1] ?? '').split('\n').filter((line) => line.startsWith('|'))
  const campaigns = cells(head)
    .slice(1)
    .map((cell) => {
      const [, name = '', days = ''] = /^(\w+), (\d+) days$/.exec(cell) ?? []
      return { name, days: Number(days) }
    })
  expect(lines).toHaveLength(5)

  const collector = await testCollector()
  for (const { name } of campaigns) await collector.admin('PUT', `/v1/campaigns/${name}`, { currency: 'NOK' })
  const touches = campaigns.map(({ name, days }) => ({ type: 'click', campaign: name, at: NOON - days * DAY }))
  const sale = {
    id: '019ab55a-5c00-7000-8000-000000000001',
    type: 'purchase',
    occurredAt: NOON,
    orderId: 'A-1',
    value: '1000.00',
    currency: 'NOK',
    touches,
  }
  await collector.post({ site: 'shop', sentAt: NOON, events: [sale] })
  for (const line of lines) {
    const [model = '', ...expected] = cells(line)
    const { rows } = await collector.results(`by=campaign&model=${model.replaceAll('`', '')}`)
    const found = campaigns.map(({ name }) => {
      const row = rows.find(({ campaign }: { campaign: string }) => campaign === name)
      return row ? `${row.purchases} (${row.revenueMinor})` : '0 (0)'
    })
    expect([model, ...found]).toEqual([model, ...expected])
  }
  await collector.destroy()
})

it('has every reason of a touch, and examples of providers that are known', () => {
  const told = [...text.matchAll(/^\| (`\w+`(?:, `\w+`)?) \|/gm)].flatMap(([, names = '']) => names.replaceAll('`', '').split(', '))
  expect(told).toEqual(expect.arrayContaining(Object.keys(TOUCH_REASONS)))
  expect([...PAYMENT_PROVIDERS]).toEqual(expect.arrayContaining(['paypal', 'stripe']))
})
