import { VITALS, type VitalName } from '../../../sdk/wire.ts'
import { OTHER, QUARTER_MS } from '../grain.ts'
import { bucketOf, type Vital, type VitalsQuery, type VitalsRow, valueIn } from '../vitals.ts'
import type { Database } from './database.ts'
import type { Texts } from './texts.ts'
import { transaction } from './transaction.ts'
import { uuidBytes } from './uuid.ts'

const NAMES = Object.keys(VITALS) as VitalName[]
const RATINGS = ['good', 'needs-improvement', 'poor'] as const

/** Landing pages of a campaign that are told apart; the rest is `(other)`. */
const MAX_PAGES = 1_000

/** How long a later value of the same measurement may come: a page stays open for a day at most. */
const REPLACEABLE_MS = 2 * 86_400_000

const KEY = 'campaign, quarter, name, rating, bucket, site, page'

export interface VitalsTable {
  /** Keeps each measurement once; a later value of the same id takes the place of the one before. */
  add(vitals: Vital[]): void
  read(query: VitalsQuery): VitalsRow[]
}

/** Counts measurements by value, so that what a query costs grows with their variety and not with their number. */
export function openVitals(database: Database, texts: Texts): VitalsTable {
  const count = database.prepare(
    `INSERT INTO vitals (${KEY}, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  )
  const before = database.prepare(`SELECT ${KEY} FROM vital_ids WHERE id = ?`)
  const keep = database.prepare(`INSERT OR REPLACE INTO vital_ids (id, at, ${KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const drop = database.prepare('DELETE FROM vital_ids WHERE at < ?')
  const knownPage = database.prepare('SELECT 1 FROM vital_pages WHERE campaign = ? AND page = ?')
  const pages = database.prepare('SELECT count(*) AS count FROM vital_pages WHERE campaign = ?')
  const addPage = database.prepare('INSERT INTO vital_pages (campaign, page) VALUES (?, ?)')
  const select = database.prepare(
    'SELECT name, rating, bucket, site, page, sum(count) AS count FROM vitals WHERE campaign = ? AND quarter >= ? AND quarter < ? GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) > 0',
  )

  function pageOf(campaign: number, text: string): number {
    const page = texts.idOf(text)
    if (knownPage.get(campaign, page)) return page
    if (Number(pages.get(campaign)?.count) >= MAX_PAGES) return texts.idOf(OTHER)
    addPage.run(campaign, page)
    return page
  }

  function addOne({ id, name, value, rating, site, campaign, page, occurredAt, receivedAt }: Vital): void {
    const bytes = uuidBytes(id)
    const known = before.get(bytes)
    if (known) count.run(...KEY.split(', ').map((column) => Number(known[column])), -1)
    const of = texts.idOf(campaign)
    const quarter = Math.floor(occurredAt / QUARTER_MS)
    const key = [of, quarter, NAMES.indexOf(name), RATINGS.indexOf(rating), bucketOf(name, value), texts.idOf(site), pageOf(of, page)]
    count.run(...key, 1)
    keep.run(bytes, receivedAt, ...key)
  }

  return {
    add(vitals) {
      try {
        transaction(database, () => {
          for (const vital of vitals) addOne(vital)
          drop.run((vitals[0]?.receivedAt ?? 0) - REPLACEABLE_MS)
        })
      } catch (error) {
        texts.forget()
        throw error
      }
    },
    read({ campaign, edges }) {
      const of = texts.find(campaign)
      if (of === undefined) return []
      return edges.slice(0, -1).flatMap((from, interval) =>
        select.all(of, Math.floor(from / QUARTER_MS), Math.floor((edges[interval + 1] ?? 0) / QUARTER_MS)).flatMap((row) => {
          const [name, rating] = [NAMES[Number(row.name)], RATINGS[Number(row.rating)]]
          if (!name || !rating) return []
          const value = valueIn(name, Number(row.bucket))
          return {
            interval,
            name,
            rating,
            value,
            site: texts.textOf(Number(row.site)),
            page: texts.textOf(Number(row.page)),
            count: Number(row.count),
          }
        }),
      )
    },
  }
}
