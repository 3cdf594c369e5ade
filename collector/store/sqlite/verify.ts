import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { GRAINS_MS } from '../grain.ts'
import type { Difference, LedgerEvent, Progress } from '../store.ts'
import type { CounterTable } from './counters.ts'
import type { Database } from './database.ts'
import { openFold } from './fold.ts'
import { keyOf } from './keys.ts'
import { decodeRow, ROW_COLUMNS } from './rows.ts'
import { openTally, type TallyKey, type TallySums, type TallyTarget } from './tally.ts'
import type { Texts } from './texts.ts'

const MAX_DIFFERENCES = 100
const CHUNK = 20_000

interface Parts {
  texts: Texts
  counters: CounterTable
  progress?: Progress | undefined
}

/** Totals in memory, as the ledger says they must be. */
function memoryTarget(): TallyTarget & { sums: Map<string, TallySums> } {
  const sums = new Map<string, TallySums>()
  const values = new Map<string, Set<number>>()
  return {
    sums,
    values: (campaign, dimension) => values.get(`${campaign} ${dimension}`) ?? [],
    add(key, [count, viewable, amount]) {
      const [campaign, dimension, , , value] = key
      const seen = values.get(`${campaign} ${dimension}`)
      if (seen) seen.add(value)
      else values.set(`${campaign} ${dimension}`, new Set([value]))
      const name = key.join(' ')
      const before = sums.get(name) ?? [0, 0, 0]
      sums.set(name, [before[0] + count, before[1] + viewable, before[2] + amount])
    },
  }
}

/** A place in the totals, in words. */
function placeOf([campaign, dimension, grain, slot, value, site, type, currency]: TallyKey, texts: Texts): string {
  const name = (id: number) => (id === 0 ? '' : texts.textOf(id))
  const at = new Date(slot * (GRAINS_MS[grain] ?? 0)).toISOString()
  const split = dimension === 0 ? 'all' : `${name(dimension)}=${name(value)}`
  return [
    'totals',
    name(campaign) || '(none)',
    split,
    `${at}/${(GRAINS_MS[grain] ?? 0) / 60_000}min`,
    name(site),
    EVENT_TYPES[type],
    name(currency),
  ]
    .join(' ')
    .trim()
}

/** Single numbers that the indexes must have, each as a statement that gives what is stored and what is expected. */
const INDEX_CHECKS: [where: string, sql: string][] = [
  [
    'index of ids: rows',
    'SELECT (SELECT count(*) FROM current) AS stored, (SELECT count(*) FROM ledger WHERE replaces IS NULL) AS expected',
  ],
  [
    'index of ids: rows that point to no row of their id',
    'SELECT count(*) AS stored, 0 AS expected FROM current LEFT JOIN ledger ON ledger.seq = current.seq AND ledger.id = current.id WHERE ledger.seq IS NULL',
  ],
  [
    'index of ids: rows that point to a replaced row',
    'SELECT count(*) AS stored, 0 AS expected FROM ledger WHERE replaces IS NOT NULL AND EXISTS (SELECT 1 FROM current WHERE current.id = ledger.id AND current.seq = ledger.replaces)',
  ],
]

/**
 * Compares totals, indexes and counters with what the ledger says, in one snapshot. Gives at most 100 differences.
 *
 * Memory grows with the totals and the conversions, not with the events.
 */
export async function verifyStore(database: Database, { texts, counters, progress = () => {} }: Parts): Promise<Difference[]> {
  const differences: Difference[] = []
  const differ = (where: string, stored: unknown, expected: unknown) => {
    if (String(stored) !== String(expected) && differences.length < MAX_DIFFERENCES)
      differences.push({ where, stored: String(stored), expected: String(expected) })
  }
  const target = memoryTarget()
  const tally = openTally(target, texts)
  const fold = openFold(database, { texts, tally })
  const rowsAfter = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`)
  const total = Number(database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM ledger').get()?.seq)
  const isCurrent = database.prepare('SELECT 1 FROM current WHERE seq = ? AND id = (SELECT id FROM ledger WHERE seq = ?)')
  const verdicts = new Map<string, number>()
  const keys = new Set<string>()

  function takeCurrent(event: LedgerEvent): void {
    verdicts.set(event.verdict, (verdicts.get(event.verdict) ?? 0) + 1)
    const named = keyOf(event)
    if (!named) return
    const key = JSON.stringify([event.site, named.kind, named.key])
    if (keys.has(key)) differ(`order or lead ${named.key} of ${event.site}: counted events`, 2, 1)
    keys.add(key)
  }
  for (let seq = 0; ; ) {
    const rows = rowsAfter.all(seq)
    for (const stored of rows) {
      const row = decodeRow(stored, texts)
      fold(row)
      if (isCurrent.get(row.seq, row.seq)) takeCurrent(row)
    }
    tally.write()
    seq = Number(rows.at(-1)?.seq ?? seq)
    progress(seq, total)
    if (rows.length < CHUNK) break
    await new Promise((resolve) => setImmediate(resolve))
  }

  const columns = 'campaign, dimension, grain, slot, value, site, type, currency'
  for (const row of database.prepare(`SELECT ${columns}, count, viewable, amount FROM totals`).iterate()) {
    const key = columns.split(', ').map((column) => Number(row[column])) as TallyKey
    const name = key.join(' ')
    const expected = target.sums.get(name) ?? [0, 0, 0]
    differ(placeOf(key, texts), [row.count, row.viewable, row.amount], expected)
    target.sums.delete(name)
  }
  for (const [name, sums] of target.sums) differ(placeOf(name.split(' ').map(Number) as TallyKey, texts), [0, 0, 0], sums)

  for (const [where, sql] of INDEX_CHECKS) {
    const row = database.prepare(sql).get()
    differ(where, row?.stored, row?.expected)
  }
  differ('index of orders and leads: rows', database.prepare('SELECT count(*) AS count FROM keys').get()?.count, keys.size)
  const told = counters.read()
  for (const [verdict, count] of verdicts)
    differ(`counter of ${verdict}`, verdict === 'counted' ? told.counted : (told.notCounted as Record<string, number>)[verdict], count)
  const sum = (counts: object) => Object.values(counts).reduce((all: number, count) => all + Number(count), 0)
  differ('counter of received', told.received, told.counted + sum(told.notCounted) + told.duplicates + sum(told.failed))
  return differences
}
