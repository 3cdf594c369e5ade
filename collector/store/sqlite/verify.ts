import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { GRAINS_MS } from '../grain.ts'
import { dueAtOf } from '../present.ts'
import type { Difference, LedgerEvent, Progress } from '../store.ts'
import type { Archive } from './archive.ts'
import { gatherCells } from './cells.ts'
import { ownCorrections } from './corrections.ts'
import type { CounterTable } from './counters.ts'
import type { Database } from './database.ts'
import { openFold } from './fold.ts'
import { keyOf } from './keys.ts'
import type { Recent } from './recent.ts'
import { decodeRow, type Names, ROW_COLUMNS } from './rows.ts'
import { spreadCells, type TallyKey, tallyMap } from './tally.ts'
import type { Texts } from './texts.ts'

const MAX_DIFFERENCES = 100
const CHUNK = 20_000

interface Parts extends Names {
  archive: Archive
  counters: CounterTable
  recent: Recent
  progress?: Progress | undefined
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
    'index of present states: events of several rows',
    'SELECT (SELECT count(*) FROM heads) AS stored, (SELECT count(DISTINCT id) FROM ledger WHERE replaces IS NOT NULL) AS expected',
  ],
  [
    'index of present states: entries that point to no row of their event',
    'SELECT count(*) AS stored, 0 AS expected FROM heads LEFT JOIN ledger ON ledger.seq = heads.seq AND ledger.id = heads.id WHERE ledger.seq IS NULL',
  ],
  [
    'index of present states: entries that point to a replaced row',
    'SELECT count(*) AS stored, 0 AS expected FROM ledger JOIN heads USING (id) WHERE ledger.replaces = heads.seq',
  ],
]

/**
 * Compares totals, indexes and counters with what ledger and archive say, in one snapshot. Gives at most 100 differences.
 *
 * Memory grows with the totals and the conversions, not with the events.
 */
export async function verifyStore(
  database: Database,
  { series, texts, archive, counters, recent, progress = () => {} }: Parts,
): Promise<Difference[]> {
  const differences: Difference[] = []
  const differ = (where: string, stored: unknown, expected: unknown) => {
    if (String(stored) !== String(expected) && differences.length < MAX_DIFFERENCES)
      differences.push({ where, stored: String(stored), expected: String(expected) })
  }
  const expected = tallyMap()
  const cells = gatherCells()
  const fold = openFold(database, { series, texts, cells })
  const rowsAfter = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`)
  const total = Number(database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM ledger').get()?.seq)
  const headOf = database.prepare('SELECT seq FROM heads WHERE id = ?')
  const verdicts = new Map<string, number>()
  const keys = new Set<string>()
  const corrected = { adjustments: 0, due: 0 }

  function takeCurrent(event: LedgerEvent): void {
    verdicts.set(event.verdict, (verdicts.get(event.verdict) ?? 0) + 1)
    corrected.adjustments += ownCorrections(event).length
    if (dueAtOf(event) !== undefined) corrected.due += 1
    const named = keyOf(event)
    if (!named) return
    const key = JSON.stringify([event.site, named.kind, named.key])
    if (keys.has(key)) differ(`order or lead ${named.key} of ${event.site}: counted events`, 2, 1)
    keys.add(key)
  }
  const archived = archive.cells()
  spreadCells(archived, series, expected.target)
  for (const { series: one, count } of archived) verdicts.set(one.verdict, (verdicts.get(one.verdict) ?? 0) + count)
  for (let seq = 0; ; ) {
    const rows = rowsAfter.all(seq)
    for (const stored of rows) {
      const row = decodeRow(stored, { series, texts })
      fold(row)
      if ((headOf.get(stored.id as Uint8Array)?.seq ?? row.seq) === row.seq) takeCurrent(row)
    }
    spreadCells(cells.take(), series, expected.target)
    seq = Number(rows.at(-1)?.seq ?? seq)
    progress(seq, total)
    if (rows.length < CHUNK) break
    await new Promise((resolve) => setImmediate(resolve))
  }

  const stored = tallyMap()
  const columns = 'campaign, dimension, grain, slot, value, site, type, currency'
  for (const row of database.prepare(`SELECT ${columns}, count, viewable, amount FROM totals`).iterate()) {
    const key = columns.split(', ').map((column) => Number(row[column])) as TallyKey
    stored.target(key, [Number(row.count), Number(row.viewable), Number(row.amount)])
  }
  spreadCells(recent.read(), series, stored.target)
  for (const name of new Set([...expected.sums.keys(), ...stored.sums.keys()])) {
    const [there, due] = [stored, expected].map(({ sums }) => sums.get(name) ?? [0, 0, 0])
    if (String(there) !== String(due)) differ(placeOf(name.split(' ').map(Number) as TallyKey, texts), there, due)
  }

  for (const [where, sql] of INDEX_CHECKS) {
    const row = database.prepare(sql).get()
    differ(where, row?.stored, row?.expected)
  }
  const keysInLedger = 'SELECT count(*) AS count FROM keys WHERE id NOT IN (SELECT id FROM archived_ids)'
  differ('index of orders and leads: rows', database.prepare(keysInLedger).get()?.count, keys.size)
  for (const table of ['adjustments', 'due'] as const)
    differ(`index of ${table}: rows`, database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count, corrected[table])
  const sumOfIds = database
    .prepare('SELECT (SELECT count(*) FROM archived_ids) AS ids, (SELECT coalesce(sum(count), 0) FROM archive) AS sum')
    .get()
  differ('archive: events', sumOfIds?.ids, sumOfIds?.sum)
  const told = counters.read()
  for (const [verdict, count] of verdicts)
    differ(`counter of ${verdict}`, verdict === 'counted' ? told.counted : (told.notCounted as Record<string, number>)[verdict], count)
  const sum = (counts: object) => Object.values(counts).reduce((all: number, count) => all + Number(count), 0)
  differ('counter of received', told.received, told.counted + sum(told.notCounted) + told.duplicates + sum(told.failed))
  return differences
}
