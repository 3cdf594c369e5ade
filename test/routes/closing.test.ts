import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statement as command } from '../../collector/cli/statement.ts'
import { runCommand } from '../cli/direct.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

const DAY = 86_400_000
let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  await collector.admin('POST', '/v1/campaigns/spring/terms', {
    from: '2026-11-01T00:00:00+01:00',
    pays: [
      { model: 'cpc', rate: '2.00' },
      { model: 'cps', share: '0.10' },
    ],
  })
  // Clicks on the 20th and 21st, a sale on the 21st.
  await collector.store.append([
    ledgerEventOf({ n: 1, occurredAt: NOON - 4 * DAY }),
    ledgerEventOf({ n: 2, occurredAt: NOON - 3 * DAY }),
    purchaseOf({ n: 3, orderId: 'A-1', occurredAt: NOON - 3 * DAY }),
  ])
})
afterEach(() => collector.destroy())

const close = (body: object) => collector.admin('POST', '/v1/statements', { campaign: 'spring', ...body })
const text = async (from: string, to: string) =>
  (await collector.admin('GET', `/v1/statements?campaign=spring&from=${from}&to=${to}`)).text()
const ask = async (from: string, to: string) => JSON.parse(await text(from, to))

describe('POST /v1/statements', () => {
  it('closes a period for good: what comes later for its days is a correction in the open one', async () => {
    const answer = await close({ to: '2026-11-21' })
    expect(answer.status).toBe(201)
    const made = await answer.json()
    expect(made).toMatchObject({ closed: true, from: '2026-11-20', to: '2026-11-21', owedMinor: 400 + 4_990 })
    const bytes = await text('2026-11-20', '2026-11-21')
    expect(JSON.parse(bytes)).toEqual(made)

    await collector.store.append([ledgerEventOf({ n: 4, occurredAt: NOON - 4 * DAY }), ledgerEventOf({ n: 5, occurredAt: NOON - DAY })])
    await collector.store.adjust(
      [{ site: 'shop', order: { orderId: 'A-1' }, id: 'r-1', action: 'refund', at: NOON, value: '100.00' }],
      NOON,
    )
    expect(await text('2026-11-20', '2026-11-21')).toBe(bytes)
    const open = await ask('2026-11-22', '2026-11-23')
    expect(open).toMatchObject({ closed: false, previous: made.hash, owedMinor: 200 + 200 - 1_000 })
    expect(open.lines).toMatchObject([
      { day: '2026-11-23', model: 'cpc', results: 1, amountMinor: 200 },
      { day: '2026-11-20', model: 'cpc', results: 1, amountMinor: 200, corrects: '2026-11-20/2026-11-21' },
      { day: '2026-11-21', model: 'cps', results: 0, amountMinor: -1_000, corrects: '2026-11-20/2026-11-21' },
    ])
    // Only the period that follows carries them: one of later days must not say them again.
    expect(await ask('2026-11-23', '2026-11-23')).toMatchObject({ owedMinor: 200 })
    // Once closed, the corrections are part of it, and said no more.
    expect(await (await close({ to: '2026-11-22' })).json()).toMatchObject({ from: '2026-11-22', owedMinor: 200 - 1_000 })
    expect(await ask('2026-11-23', '2026-11-30')).toMatchObject({ owedMinor: 200 })
  })

  it('bills a closed period anew by corrections when terms are agreed for the past', async () => {
    await close({ to: '2026-11-21' })
    await collector.admin('POST', '/v1/campaigns/spring/terms', {
      from: '2026-11-21T00:00:00+01:00',
      pays: [{ model: 'cpc', rate: '3.00' }],
    })
    expect((await ask('2026-11-22', '2026-11-30')).lines).toMatchObject([
      { day: '2026-11-21', model: 'cpc', terms: 1, results: -1, amountMinor: -200 },
      { day: '2026-11-21', model: 'cpc', terms: 2, results: 1, amountMinor: 300 },
      { day: '2026-11-21', model: 'cps', terms: 1, results: -1, amountMinor: -4_990 },
    ])
  })

  it('says what is wrong with a period', async () => {
    const refused = async (body: object, status = 422) => {
      const answer = await close(body)
      expect(answer.status, JSON.stringify(body)).toBe(status)
      return (await answer.json()).error
    }
    expect(await refused({ to: '2026-11-24' })).toMatchObject({ field: 'to', message: expect.stringContaining('today is 2026-11-24') })
    expect(await refused({ to: '2026-11-19' })).toMatchObject({ field: 'to' })
    expect(await refused({ from: '2026-11-21', to: '2026-11-22' })).toMatchObject({
      field: 'from',
      message: expect.stringContaining('2026-11-20'),
    })
    expect(await refused({})).toMatchObject({ field: 'to' })
    expect(await refused({ to: 'November' })).toMatchObject({ field: 'to' })
    expect(await refused({ campaign: 'none', to: '2026-11-21' }, 404)).toMatchObject({ field: 'campaign' })
    await collector.admin('PUT', '/v1/campaigns/empty', { currency: 'NOK' })
    expect(await refused({ campaign: 'empty', to: '2026-11-21' })).toMatchObject({ field: 'campaign' })
    await close({ from: '2026-11-01', to: '2026-11-21' })
    expect(await refused({ from: '2026-11-23', to: '2026-11-23' })).toMatchObject({
      field: 'from',
      message: expect.stringContaining('2026-11-22'),
    })
    for (const [from, to] of [
      ['2026-11-01', '2026-11-30'],
      ['2026-10-01', '2026-10-31'],
      ['2026-11-21', '2026-11-21'],
    ]) {
      const answer = await collector.admin('GET', `/v1/statements?campaign=spring&from=${from}&to=${to}`)
      expect([answer.status, (await answer.json()).error.field]).toEqual([422, 'from'])
    }
    expect((await collector.app.request('/v1/statements', { method: 'POST', body: '{}' })).status).toBe(401)
  })

  it('is closed once, by whoever is first', async () => {
    const answers = await Promise.all([close({ to: '2026-11-21' }), close({ to: '2026-11-22' })])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(collector.registry.closings('spring')).toHaveLength(1)
  })

  it('is closed and shown by the command', async () => {
    const run = (...args: string[]) => runCommand(command, { store: collector.store, args })
    const { code, stdout } = await run('spring', '--to', '2026-11-21', '--close')
    expect([code, stdout]).toEqual([0, expect.stringContaining('spring, 2026-11-20 to 2026-11-21 (Europe/Oslo), in NOK, closed')])
    await collector.store.adjust([{ site: 'shop', order: { orderId: 'A-1' }, id: 'r-1', action: 'cancel', at: NOON }], NOON)
    expect((await run('spring', '--from', '2026-11-22', '--to', '2026-11-23')).stdout).toMatch(
      /2026-11-21 \(correction\)\s+cps\s+1\s+-1\s+0\s+-49\.90/,
    )
  })
})
