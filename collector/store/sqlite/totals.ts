import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { dimensionValue } from '../dimensions.ts'
import { cutToSlots, type Slots } from '../grain.ts'
import type { Dimension, TotalsQuery, TotalsRow } from '../store.ts'
import type { Cell } from './cells.ts'
import type { Database, Statement } from './database.ts'
import type { Recent } from './recent.ts'
import type { Names } from './rows.ts'
import { spreadCells, type TallyKey, type TallySums } from './tally.ts'
import { snapshot } from './transaction.ts'

type Found = Omit<TotalsRow, 'interval'>

/** Sums can outgrow a double, so these statements answer with bigints. */
function bigintStatement(database: Database, sql: string): Statement {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

/** What is not yet in the totals, as rows of the totals. */
function spread(cells: Cell[], series: Names['series']): [TallyKey, TallySums][] {
  const rows: [TallyKey, TallySums][] = []
  spreadCells(cells, series, (key, sums) => rows.push([key, sums]))
  return rows
}

/** Answers totals: whole slots from the totals table, the ends of an interval and crossed dimensions from the ledger and the archive. */
export function openTotals(database: Database, { series, texts, recent }: Names & { recent: Recent }): (query: TotalsQuery) => TotalsRow[] {
  const fromTable = bigintStatement(
    database,
    `SELECT site, type, value, currency, sum(count) AS count, sum(viewable) AS viewable, sum(amount) AS amount FROM totals
     WHERE campaign = ? AND dimension = ? AND grain = ? AND slot >= ? AND slot < ? GROUP BY site, type, value, currency HAVING sum(count) <> 0`,
  )
  const fromLedger = bigintStatement(
    database,
    `SELECT series, count(*) AS count, sum(viewable) AS viewable, coalesce(sum(value), 0) AS amount
     FROM ledger WHERE campaign = ?1 AND occurred_at >= ?2 AND occurred_at < ?3
       AND NOT EXISTS (SELECT 1 FROM heads WHERE heads.id = ledger.id AND heads.seq <> ledger.seq)
     GROUP BY series
     UNION ALL
     SELECT archive.series, sum(count), sum(viewable), sum(amount)
     FROM series JOIN archive ON archive.series = series.id WHERE series.campaign = ?1 AND at >= ?2 AND at < ?3 GROUP BY 1`,
  )

  function found(site: number, typeIndex: number, currency: number): Pick<Found, 'site' | 'type' | 'currency'> {
    const type = EVENT_TYPES[typeIndex]
    if (!type) throw new Error(`sqlite store: totals hold a type ${typeIndex}, which names nothing`)
    return { site: texts.textOf(site), type, currency: currency === 0 ? null : texts.textOf(currency) }
  }

  function wholeSlots(
    campaign: number,
    dimension: number | undefined,
    { grain, from, to }: Slots,
    fresh: [TallyKey, TallySums][],
  ): Found[] {
    if (dimension === undefined) return [] // no event has it
    const values = (value: number) => (dimension === 0 ? [] : [texts.textOf(value)])
    return [
      ...fromTable.all(campaign, dimension, grain, from, to).map((row) => ({
        ...found(Number(row.site), Number(row.type), Number(row.currency)),
        values: values(Number(row.value)),
        count: Number(row.count),
        viewable: Number(row.viewable),
        valueMinor: row.amount as bigint,
      })),
      ...fresh
        .filter(([[, ofDimension, ofGrain, slot]]) => ofDimension === dimension && ofGrain === grain && slot >= from && slot < to)
        .map(([[, , , , value, site, type, currency], [count, viewable, amount]]) => ({
          ...found(site, type, currency),
          values: values(value),
          count,
          viewable,
          valueMinor: BigInt(amount),
        })),
    ]
  }

  function partly(campaign: number, dimensions: Dimension[], [from, to]: [number, number]): Found[] {
    const isUncounted = dimensions.includes('verdict')
    const rows: Found[] = []
    for (const row of fromLedger.all(campaign, from, to)) {
      const one = series.byId(Number(row.series))
      if ((one.verdict !== 'counted') !== isUncounted) continue
      const tagged = isUncounted ? { ...one, verdict: 'counted' as const } : one
      const values = dimensions.map((name) => (name === 'verdict' ? one.verdict : dimensionValue(tagged, name)))
      // Totals have no row for events without the dimension; neither has the ledger's answer to a single one.
      if (dimensions.length === 1 && values[0] === null) continue
      const { site, type, currency } = one
      const [count, viewable, valueMinor] = [Number(row.count), Number(row.viewable), row.amount as bigint]
      rows.push({ site, type, currency, values, count, viewable, valueMinor })
    }
    return rows
  }

  function answer({ campaign, edges, dimensions }: TotalsQuery): TotalsRow[] {
    const id = texts.find(campaign)
    if (id === undefined) return []
    const isCrossed = dimensions.length > 1
    const dimension = dimensions[0] === undefined ? 0 : texts.find(dimensions[0])
    const fresh = isCrossed ? [] : spread(recent.read(id), series)
    const sums = new Map<string, TotalsRow>()
    for (let interval = 0; interval + 1 < edges.length; interval++) {
      const span: [number, number] = [edges[interval] ?? 0, edges[interval + 1] ?? 0]
      const { slots, rest } = isCrossed ? { slots: [], rest: [span] } : cutToSlots(...span)
      const rows = [
        ...slots.flatMap((part) => wholeSlots(id, dimension, part, fresh)),
        ...rest.flatMap((part) => partly(id, dimensions, part)),
      ]
      for (const row of rows) {
        const key = JSON.stringify([interval, row.site, row.type, row.values, row.currency])
        const sum = sums.get(key)
        if (!sum) {
          sums.set(key, { interval, ...row })
          continue
        }
        sum.count += row.count
        sum.viewable += row.viewable
        sum.valueMinor += row.valueMinor
      }
    }
    return [...sums.values()].filter(({ count }) => count !== 0)
  }

  // One moment for both tables, though another process may be moving sums from one to the other.
  return (query) => snapshot(database, () => answer(query))
}
