import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore } from '../../collector/store/sqlite/sqliteStore.ts'
import { ledgerEventOf, NOON } from '../support/events.ts'
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
