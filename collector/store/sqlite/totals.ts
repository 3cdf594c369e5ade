import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { dimensionValue } from '../dimensions.ts'
import { cutToSlots, type Slots } from '../grain.ts'
import { type Dimension, type TotalsQuery, type TotalsRow, VERDICTS, WITNESSES } from '../store.ts'
import type { Database, Statement } from './database.ts'
import type { Texts } from './texts.ts'

type Found = Omit<TotalsRow, 'interval'>

/** Sums can outgrow a double, so these statements answer with bigints. */
function bigintStatement(database: Database, sql: string): Statement {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}

/** Answers totals: whole slots from the totals table, the ends of an interval and crossed dimensions from the ledger. */
export function openTotals(database: Database, texts: Texts): (query: TotalsQuery) => TotalsRow[] {
  const fromTable = bigintStatement(
    database,
    `SELECT site, type, value, currency, sum(count) AS count, sum(viewable) AS viewable, sum(amount) AS amount FROM totals
     WHERE campaign = ? AND dimension = ? AND grain = ? AND slot >= ? AND slot < ? GROUP BY site, type, value, currency HAVING sum(count) <> 0`,
  )
  const fromLedger = bigintStatement(
    database,
    `SELECT site, type, tags, witness, verdict, coalesce(iif(value IS NULL, 0, currency), 0) AS currency,
            count(*) AS count, sum(viewable) AS viewable, coalesce(sum(value), 0) AS amount
     FROM ledger WHERE campaign = ? AND occurred_at >= ? AND occurred_at < ?
       AND seq = (SELECT seq FROM current WHERE current.id = ledger.id)
     GROUP BY site, type, tags, witness, verdict, 6`,
  )

  function found(row: Record<string, unknown>, values: (string | null)[]): Found {
    const type = EVENT_TYPES[Number(row.type)]
    if (!type) throw new Error(`sqlite store: totals hold a type ${row.type}, which names nothing`)
    return {
      site: texts.textOf(Number(row.site)),
      type,
      values,
      currency: row.currency === 0n ? null : texts.textOf(Number(row.currency)),
      count: Number(row.count),
      viewable: Number(row.viewable),
      valueMinor: row.amount as bigint,
    }
  }

  function wholeSlots(campaign: number, dimension: Dimension | undefined, { grain, from, to }: Slots): Found[] {
    const id = dimension === undefined ? 0 : texts.find(dimension)
    if (id === undefined) return []
    return fromTable
      .all(campaign, id, grain, from, to)
      .map((row) => found(row, dimension === undefined ? [] : [texts.textOf(Number(row.value))]))
  }

  function partly(campaign: number, dimensions: Dimension[], [from, to]: [number, number]): Found[] {
    const isUncounted = dimensions.includes('verdict')
    const rows: Found[] = []
    for (const row of fromLedger.all(campaign, from, to)) {
      const verdict = VERDICTS[Number(row.verdict)] ?? 'counted'
      if ((verdict !== 'counted') !== isUncounted) continue
      const witness = WITNESSES[Number(row.witness)] ?? 'browser'
      const event = { tags: JSON.parse(texts.textOf(Number(row.tags))), witness, verdict }
      const tagged = isUncounted ? { ...event, verdict: 'counted' as const } : event
      const values = dimensions.map((name) => (name === 'verdict' ? verdict : dimensionValue(tagged, name)))
      // Totals have no row for events without the dimension; neither has the ledger's answer to a single one.
      if (dimensions.length === 1 && values[0] === null) continue
      rows.push(found(row, values))
    }
    return rows
  }

  return ({ campaign, edges, dimensions }) => {
    const id = texts.find(campaign)
    if (id === undefined) return []
    const sums = new Map<string, TotalsRow>()
    for (let interval = 0; interval + 1 < edges.length; interval++) {
      const span: [number, number] = [edges[interval] ?? 0, edges[interval + 1] ?? 0]
      const { slots, rest } = dimensions.length > 1 ? { slots: [], rest: [span] } : cutToSlots(...span)
      const rows = [
        ...slots.flatMap((part) => wholeSlots(id, dimensions[0], part)),
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
    return [...sums.values()]
  }
}
