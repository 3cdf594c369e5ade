import { EVENT_TYPES } from '../../../sdk/wire.ts'
import { dimensionsOf } from '../dimensions.ts'
import { OTHER } from '../grain.ts'
import { type LedgerEvent, VERDICTS, WITNESSES } from '../store.ts'
import type { Database } from './database.ts'
import { knownSeries } from './knownSeries.ts'
import type { Texts } from './texts.ts'

/** Distinct values of one dimension of one campaign that totals tell apart; the rest goes to `(other)` and stays whole in the ledger. */
const MAX_VALUES = 1_000

/** Series kept in memory; a run of unique tags must not fill it. */
const MAX_CACHED = 50_000

/** Places of series kept in memory, of about 2 kB where every one has tags of its own. */
const MAX_PLACES = 10_000

/** What events have in common that share their totals: everything but time, value and evidence. */
export interface Series extends Pick<LedgerEvent, 'type' | 'site' | 'campaign' | 'verdict' | 'witness' | 'tags'> {
  id: number
  /** Of the value, null when the events carry none. */
  currency: string | null
  /** The same as numbers, as totals know them; currency 0 for none. */
  numbers: { site: number; campaign: number; type: number; currency: number }
  /** The dimensions in which totals hold its events, as numbers; [0, 0] is the whole. Worked out when first asked for. */
  parts: [dimension: number, value: number][] | undefined
}

/** The dictionary of series: each is stored once and named by a number, so that an event's row is one number instead of seven. */
export interface SeriesTable {
  /** The series of an event, made where it has none. Only within a write transaction. */
  of(event: LedgerEvent): Series
  byId(id: number): Series
  partsOf(series: Series): [dimension: number, value: number][]
  /** Forgets what is cached: after a rollback numbers given out in it are void. */
  forget(): void
}

const TAG_ORDER = ['placement', 'source', 'medium', 'content', 'term', 'device', 'consent'] as const

const sorted = (set: Record<string, string>) => Object.fromEntries(Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1)))

/** One text for one set of tags, whatever the order in which a page gave them. */
function tagsText(tags: LedgerEvent['tags']): string {
  const ordered: Record<string, unknown> = {}
  for (const key of TAG_ORDER) if (tags[key] !== undefined) ordered[key] = tags[key]
  if (tags.segment) ordered.segment = sorted(tags.segment)
  if (tags.variant) ordered.variant = sorted(tags.variant)
  return JSON.stringify(ordered)
}

/** A stored index is only ever one that was written, so a miss means a damaged file. */
function at<Name>(list: readonly Name[], index: unknown): Name {
  const name = list[Number(index)]
  if (name === undefined) throw new Error(`sqlite store: series holds ${index}, which names nothing`)
  return name
}

export function openSeries(database: Database, texts: Texts): SeriesTable {
  const known = knownSeries()
  let places = 0
  const cached = new Map<number, Series>()
  const columns = 'site, campaign, type, verdict, witness, currency, tags'
  const find = database.prepare(`SELECT id FROM series WHERE (${columns}) = (?, ?, ?, ?, ?, ?, ?)`)
  const insert = database.prepare(`INSERT INTO series (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const select = database.prepare(`SELECT ${columns} FROM series WHERE id = ?`)
  const isKnown = database.prepare('SELECT 1 FROM split WHERE campaign = ? AND dimension = ? AND value = ?')
  const countKnown = database.prepare('SELECT count(*) AS count FROM split WHERE campaign = ? AND dimension = ?')
  const admit = database.prepare('INSERT INTO split (campaign, dimension, value) VALUES (?, ?, ?)')

  function forget(): void {
    known.forget()
    places = 0
    cached.clear()
  }

  function byId(id: number): Series {
    const before = cached.get(id)
    if (before) return before
    const row = select.get(id)
    if (!row) throw new Error(`sqlite store: series ${id} is not there`)
    const numbers = { site: Number(row.site), campaign: Number(row.campaign), type: Number(row.type), currency: Number(row.currency) }
    const series: Series = {
      id,
      type: at(EVENT_TYPES, row.type),
      site: texts.textOf(numbers.site),
      campaign: texts.textOf(numbers.campaign),
      verdict: at(VERDICTS, row.verdict),
      witness: at(WITNESSES, row.witness),
      currency: numbers.currency === 0 ? null : texts.textOf(numbers.currency),
      tags: JSON.parse(texts.textOf(Number(row.tags))),
      numbers,
      parts: undefined,
    }
    if (cached.size >= MAX_CACHED) forget()
    cached.set(id, series)
    return series
  }

  /** Lets totals tell apart the values of a new series, as long as their dimension has room. In the order of the ledger, so that it is the same whenever totals are made. */
  function admitValues(series: Series): void {
    const { campaign } = series.numbers
    for (const [name, text] of dimensionsOf(series)) {
      const [dimension, value] = [texts.idOf(name), texts.idOf(text)]
      if (isKnown.get(campaign, dimension, value)) continue
      if (Number(countKnown.get(campaign, dimension)?.count) < MAX_VALUES) admit.run(campaign, dimension, value)
      else texts.idOf(OTHER)
    }
  }

  function stored(event: LedgerEvent): Series {
    const { site, campaign, type, verdict, witness, valueMinor, currency, tags } = event
    const values = [
      texts.idOf(site),
      texts.idOf(campaign),
      EVENT_TYPES.indexOf(type),
      VERDICTS.indexOf(verdict),
      WITNESSES.indexOf(witness),
      valueMinor === undefined || currency === undefined ? 0 : texts.idOf(currency),
      texts.idOf(tagsText(tags)),
    ]
    const row = find.get(...values)
    if (row) return byId(Number(row.id))
    const series = byId(Number(insert.run(...values).lastInsertRowid))
    admitValues(series)
    return series
  }

  return {
    byId,
    forget,
    of(event) {
      const place = known.placeOf(event)
      if (place.series) return place.series
      const series = stored(event)
      if (places >= MAX_PLACES) forget()
      places += 1
      place.series = series
      return series
    },
    partsOf(series) {
      if (series.parts) return series.parts
      const { campaign } = series.numbers
      const parts = dimensionsOf(series).map(([name, text]): [number, number] => {
        const [dimension, value] = [texts.idOf(name), texts.idOf(text)]
        return [dimension, isKnown.get(campaign, dimension, value) ? value : texts.idOf(OTHER)]
      })
      if (series.verdict === 'counted') parts.push([0, 0])
      series.parts = parts
      return parts
    },
  }
}
