import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { storeContract } from './contract.ts'

storeContract('sqlite', sqlitePlace)

describe('sqlite store', () => {
  let place: Awaited<ReturnType<typeof sqlitePlace>>
  beforeEach(async () => {
    place = await sqlitePlace()
  })
  afterEach(() => place.destroy())

  it('refuses a schema from a newer version', async () => {
    await (await place.open()).close()
    const database = new DatabaseSync(place.path)
    database.exec('PRAGMA user_version = 999')
    database.close()
    await expect(place.open()).rejects.toThrow(/cannot open .*newer Tallymark/)
  })

  it('says which file it cannot open', () => {
    expect(() => sqliteStore({ path: '/dev/null/tallymark.db' })).toThrow('sqlite store: cannot open /dev/null/tallymark.db')
  })

  it('refuses a database that would not be durable', () => {
    expect(() => sqliteStore({ path: ':memory:' })).toThrow(/journal_mode is memory/)
  })

  async function filled() {
    const store = await place.open()
    await store.append(Array.from({ length: 50 }, (_, n) => purchaseOf({ n, orderId: `A-${n}`, tags: { placement: `p${n % 3}` } })))
    await store.append([purchaseOf({ n: 2, orderId: 'A-2', tags: { source: 'news' } })])
    return store
  }
  const change = (sql: string) => {
    const database = new DatabaseSync(place.path)
    database.exec(sql)
    database.close()
  }

  it.each([
    [
      'a total off by one',
      'UPDATE totals SET count = count + 1 WHERE dimension = 0 AND grain = 2',
      /^totals spring all 2026-11-24T12:00:00.000Z\/15min shop purchase NOK$/,
    ],
    ['an amount off by one', 'UPDATE totals SET amount = amount - 1 WHERE dimension = 0 AND grain = 0', /\/1440min shop purchase/],
    ['a total that is gone', 'DELETE FROM totals WHERE dimension <> 0 AND grain = 1', /placement=p\d .*\/60min/],
    ['a ledger row that is gone', 'DELETE FROM ledger WHERE seq = 7', /^totals spring all .*15min shop purchase NOK$/],
    ['a present state that is gone', 'DELETE FROM heads', /index of present states: events of several rows/],
    ['a present state that is not the last', 'UPDATE heads SET seq = 3', /index of present states: entries that point to a replaced row/],
    ['a present state of another event', 'UPDATE heads SET seq = 4', /index of present states: entries that point to no row/],
    ['a sum that waits for nothing', 'INSERT INTO recent SELECT 0, id, 1, 0, 0 FROM series LIMIT 1', /1970-01-01T00:00:00.000Z\/15min/],
    ['an order that is gone', "DELETE FROM keys WHERE key = 'A-3'", /index of orders/],
    ['a counter off by one', "UPDATE counters SET count = count + 1 WHERE name = 'received'", /counter of received/],
    ['a verdict off by one', "UPDATE counters SET count = count + 1 WHERE name = 'verdict counted'", /counter of counted/],
  ])('verify finds %s', async (_name, sql, where) => {
    const store = await filled()
    change(sql)
    expect((await store.verify()).map((difference) => difference.where)).toEqual(expect.arrayContaining([expect.stringMatching(where)]))
    await store.close()
  })

  it('rebuild mends totals', async () => {
    const store = await filled()
    change('UPDATE totals SET count = 7; DELETE FROM totals WHERE grain = 2')
    await store.rebuild()
    expect(await store.verify()).toEqual([])
    await store.close()
  })

  it('rebuild goes on where an earlier run was stopped', async () => {
    const store = await place.open()
    await store.append(Array.from({ length: 12_000 }, (_, n) => ledgerEventOf({ n, tags: { placement: `p${n % 3}` } })))
    change('UPDATE totals SET count = 7')
    const first: number[] = []
    const stopped = store.rebuild((done) => {
      first.push(done)
      if (first.length === 2) throw new Error('stopped')
    })
    await expect(stopped).rejects.toThrow('stopped')
    await store.close()
    const again = await place.open()
    const second: number[] = []
    await again.rebuild((done) => second.push(done))
    expect([first, second]).toEqual([
      [5_000, 10_000],
      [10_000, 12_000],
    ])
    expect(await again.verify()).toEqual([])
    await again.close()
  })

  it('counts once through two connections', async () => {
    const [one, two] = [await place.open(), await place.open()]
    const sent = [1, 2, 3, 2, 1].flatMap((n) =>
      [one, two].map((store) => store.append([ledgerEventOf({ n, tags: { placement: `p${n}` } })])),
    )
    const outcomes = (await Promise.all(sent)).flat()
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(3)
    const rows = await one.totals({ campaign: 'spring', edges: [0, 2 * NOON], dimensions: ['placement'] })
    expect(rows.map(({ count }) => count)).toEqual([1, 1, 1])
    await one.close()
    await two.close()
  })
})
