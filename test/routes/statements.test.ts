import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statement as command } from '../../collector/cli/statement.ts'
import { checkStatement, type Statement } from '../../collector/money/statement.ts'
import { runCommand } from '../cli/direct.ts'
import { tallymark } from '../cli/tallymark.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

const DAY = 86_400_000
let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
  const terms = (body: object) => collector.admin('POST', '/v1/campaigns/spring/terms', body)
  await terms({
    from: '2026-11-01T00:00:00+01:00',
    pays: [
      { model: 'cpm', rate: '37.50' },
      { model: 'cpc', rate: '2.00' },
    ],
  })
  await terms({
    from: '2026-11-24T00:00:00+01:00',
    pays: [
      { model: 'cpc', rate: '3.00' },
      { model: 'cps', share: '0.10' },
    ],
    budget: { daily: '55.00' },
  })
  const seen = Array.from({ length: 100 }, (_, n) => ledgerEventOf({ n, type: 'impression', occurredAt: NOON - DAY + n }))
  const yesterday = Array.from({ length: 3 }, (_, n) => ledgerEventOf({ n: 200 + n, occurredAt: NOON - DAY + n }))
  // 2 clicks are 6.00, the sale is 49.90, of which the budget of 55.00 leaves 49.00, and then nothing.
  const today = [
    ledgerEventOf({ n: 300, occurredAt: NOON - 5_000 }),
    ledgerEventOf({ n: 301, occurredAt: NOON - 4_000 }),
    purchaseOf({ n: 302, orderId: 'A-1', occurredAt: NOON - 3_000 }),
    ledgerEventOf({ n: 303, occurredAt: NOON - 2_000 }),
  ]
  await collector.store.append([...seen, ...yesterday, ...today, ledgerEventOf({ n: 400, verdict: 'bot' })])
})
afterEach(() => collector.destroy())

const ask = (query: string) => collector.admin('GET', `/v1/statements?${query}`)
const november = 'campaign=spring&from=2026-11-01&to=2026-11-30'
const made = async (): Promise<Statement> => (await ask(november)).json()

describe('GET /v1/statements', () => {
  it('tells what is owed line by line, what lies over the budget and what was not counted', async () => {
    const { lines, ...rest } = await made()
    expect(rest).toEqual({
      campaign: 'spring',
      currency: 'NOK',
      timeZone: 'Europe/Oslo',
      from: '2026-11-01',
      to: '2026-11-30',
      closed: false,
      owedMinor: 375 + 600 + 5_500,
      unbilledMinor: 90 + 300,
      notCounted: { bot: 1 },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(lines.map(({ hash, ...line }) => [hash.length, ...Object.values(line)])).toEqual([
      [64, '2026-11-23', 'cpm', 1, 100, 0, 375],
      [64, '2026-11-23', 'cpc', 1, 3, 0, 600],
      [64, '2026-11-24', 'cpc', 2, 3, 1, 600],
      [64, '2026-11-24', 'cps', 2, 1, 0, 4_900],
    ])
  })

  it('owes what results say', async () => {
    const { owedMinor, unbilledMinor } = await made()
    const { totals } = await collector.results('campaign=spring&from=2026-11-01&to=2026-11-30')
    expect([totals.costMinor, totals.unbilledMinor]).toEqual([owedMinor, unbilledMinor])
  })

  it('gives the same bytes again, after a rebuild and from the command line', async () => {
    const before = await (await ask(november)).text()
    await collector.store.rebuild()
    expect(await (await ask(november)).text()).toBe(before)
    const args = ['spring', '--from', '2026-11-01', '--to', '2026-11-30']
    expect((await runCommand(command, { store: collector.store, args: [...args, '--json'] })).stdout).toBe(`${before}\n`)
    const { stdout } = await runCommand(command, { store: collector.store, args })
    expect(stdout).toContain('2026-11-24  cps        2        1            0  49.00')
    expect(stdout).toContain('Owed: 64.75 NOK. Over budget, not owed: 3.90.\nNot counted: 1 bot.\n')
  })

  it('is CSV when asked', async () => {
    const response = await ask(`${november}&format=csv`)
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tallymark-statement-2026-11-01-2026-11-30.csv"')
    const lines = (await response.text()).split('\r\n')
    expect(lines[0]).toBe('campaign,currency,day,model,terms,results,unbilled,amountMinor,hash,corrects')
    expect(lines[1]).toMatch(/^spring,NOK,2026-11-23,cpm,1,100,0,375,[0-9a-f]{64},$/)
  })

  it.each([
    ['from=2026-11-01', 422, 'invalid_filter', 'campaign'],
    ['campaign=none', 404, 'not_found', 'campaign'],
    ['campaign=spring&from=yesterday', 422, 'invalid_filter', 'from'],
    ['campaign=spring&tz=UTC', 422, 'invalid_filter', 'tz'],
    ['campaign=spring&format=xml', 422, 'invalid_filter', 'format'],
  ])('refuses %s', async (query, status, code, field) => {
    const response = await ask(query)
    const { error } = await response.json()
    expect([response.status, error.code, error.field]).toEqual([status, code, field])
  })
})

describe('the hash chain', () => {
  it('finds nothing in a statement that nobody touched', async () => {
    expect(checkStatement(await made())).toBeNull()
  })

  it.each<[string, (statement: Statement) => void, RegExp]>([
    ['an amount', ({ lines }) => Object.assign(lines[1] ?? {}, { amountMinor: 599 }), /^line 2 was changed: 2026-11-23 cpc/],
    ['results', ({ lines }) => Object.assign(lines[2] ?? {}, { results: 4 }), /^line 3 was changed: 2026-11-24 cpc/],
    ['the currency', (one) => Object.assign(one, { currency: 'SEK' }), /^the heading or line 1 was changed/],
    ['the sum', (one) => Object.assign(one, { owedMinor: 1 }), /^the sum was changed: the lines add up to 6475/],
    ['a reason', (one) => Object.assign(one.notCounted, { bot: 2 }), /not counted was changed/],
    ['a line that is gone', ({ lines }) => lines.splice(1, 1), /^line 2 was changed/],
    [
      'a last line that is gone, with its amount',
      (one) => Object.assign(one, { owedMinor: one.owedMinor - (one.lines.pop()?.amountMinor ?? 0) }),
      /^a line was added or taken away at the end/,
    ],
    ['two lines in another order', ({ lines }) => lines.reverse(), /^the heading or line 1 was changed/],
  ])('finds %s', async (_name, touch, sentence) => {
    const statement = await made()
    touch(statement)
    expect(checkStatement(statement)).toMatch(sentence)
  })

  it('is checked from a file by the command, without a store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tallymark-'))
    try {
      const [path, none] = [join(folder, 'november.json'), join(folder, 'none.db')]
      const statement = await made()
      await writeFile(path, JSON.stringify(statement))
      expect(await tallymark(none, 'statement', '--check', path)).toEqual({
        code: 0,
        stdout: `Untouched: 64.75 NOK owed, hash ${statement.hash}\n`,
        stderr: '',
      })
      await writeFile(path, JSON.stringify(statement).replace('4900', '4901'))
      expect(await tallymark(none, 'statement', '--check', path)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('Touched: line 4 was changed'),
      })
      await writeFile(path, '{}')
      expect(await tallymark(none, 'statement', '--check', path)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('is no statement'),
      })
      expect(await tallymark(none, 'statement', 'spring')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('there is no store at'),
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('GET /v1/statements/events', () => {
  const open = (query: string) => collector.admin('GET', `/v1/statements/events?campaign=spring&${query}`)

  it('opens each line down to the events that make it up', async () => {
    const { lines } = await made()
    expect(lines.length).toBeGreaterThan(3)
    for (const { day, model, terms, results } of lines) {
      const { events, next } = await (await open(`day=${day}&model=${model}&terms=${terms}`)).json()
      expect([events.length, next], `${day} ${model}`).toEqual([results, null])
    }
    expect((await (await open('day=2026-11-24&model=cps&terms=2')).json()).events).toMatchObject([
      { type: 'purchase', orderId: 'A-1', valueMinor: 49_900, currency: 'NOK', site: 'shop' },
    ])
  })

  it('gives long lines page by page, each event once', async () => {
    const many = Array.from({ length: 4_500 }, (_, n) => ledgerEventOf({ n: 1_000 + n, occurredAt: NOON - 2 * DAY + Math.floor(n / 3) }))
    await collector.store.append(many)
    const ids = new Set<string>()
    let [after, pages, count] = ['', 0, 0]
    do {
      const answer = await (await open(`day=2026-11-22&model=cpc&terms=1${after && `&after=${after}`}`)).json()
      for (const { id } of answer.events) ids.add(id)
      count += answer.events.length
      pages += 1
      after = answer.next ?? ''
    } while (after !== '')
    expect([ids.size, count]).toEqual([4_500, 4_500])
    expect(pages).toBeGreaterThan(1)
  })

  it('names what is wrong', async () => {
    for (const [query, field] of [
      ['model=cpc&terms=1', 'day'],
      ['day=2026-11-23&model=cpx&terms=1', 'model'],
      ['day=2026-11-23&model=cpc&terms=9', 'terms'],
      ['day=2026-11-23&model=cpc&terms=1&after=x', 'after'],
    ]) {
      const answer = await open(query ?? '')
      expect([answer.status, (await answer.json()).error.field]).toEqual([422, field])
    }
    expect((await collector.admin('GET', '/v1/statements/events?campaign=none')).status).toBe(404)
  })
})
