import { CsvError, type CsvRecord, parseCsv } from './parseCsv.ts'
import { readNumber } from './readNumber.ts'
import type { SpendItem } from './receiveSpend.ts'

/**
 * Names of columns, ours first, then those of the exports of Google Ads and Meta in English, in lower case; the first that a file has is taken.
 *
 * Of Meta's clicks, those on the link lead to a page as ours do. Its "Results" is whatever a campaign is optimised for, often clicks, so it is no conversion.
 */
const COLUMNS = {
  source: ['source'],
  campaign: ['campaign', 'campaign name'],
  day: ['day', 'date', 'reporting starts'],
  lastDay: ['reporting ends'],
  amount: ['amount', 'cost', 'amount spent'],
  currency: ['currency', 'currency code'],
  clicks: ['clicks', 'link clicks', 'clicks (all)'],
  impressions: ['impressions', 'impr.'],
  conversions: ['conversions', 'purchases', 'leads'],
} as const
type Column = keyof typeof COLUMNS
const NAMES = Object.keys(COLUMNS) as Column[]
const NEEDED = ['source', 'campaign', 'day', 'amount', 'currency'] as const
const COUNTS = ['clicks', 'impressions', 'conversions'] as const

/** What holds for all rows of a file that has no column for it. */
export interface SpendDefaults {
  source?: string | undefined
  campaign?: string | undefined
  currency?: string | undefined
}

export interface SpendFile {
  items: SpendItem[]
  /** Rows of sums, which are not of one day and campaign. */
  sums: number
}

/** Google writes two lines on the report before the header. */
const HEADER_WITHIN = 10
const SEPARATORS = [',', ';', '\t']

interface Header {
  record: CsvRecord
  separator: string
  places: Partial<Record<Column, number>>
  /** Of the column of amounts, as Meta names it: `Amount spent (NOK)`. */
  currency: string | undefined
}

function headerOf(record: CsvRecord, separator: string): Header {
  const names = record.cells.map((cell) => cell.trim().toLowerCase())
  let currency: string | undefined
  record.cells.forEach((cell, i) => {
    const [, name, code] = /^(.+) \(([A-Z]{3})\)$/.exec(cell.trim()) ?? []
    if (name?.toLowerCase() !== 'amount spent') return
    names[i] = 'amount spent'
    currency = code
  })
  const places: Header['places'] = {}
  for (const column of NAMES) {
    const found = COLUMNS[column].map((name) => names.indexOf(name)).find((place) => place >= 0)
    if (found !== undefined) places[column] = found
  }
  // A report by day may tell its whole range beside each day.
  if (names[places.day ?? -1] !== 'reporting starts') delete places.lastDay
  return { record, separator, places, currency }
}

const known = ({ places }: Header) => Object.keys(places).length

/** The record, of the first few, that has most of the columns, with the separator by which it has them. */
function findHeader(text: string): Header {
  let best: Header | undefined
  for (const separator of SEPARATORS) {
    let records: CsvRecord[] = []
    try {
      records = parseCsv(text, { separator, limit: HEADER_WITHIN })
    } catch {
      // Not by this separator; by the right one it is told of below.
    }
    for (const record of records) {
      const header = headerOf(record, separator)
      if (!best || known(header) > known(best)) best = header
    }
  }
  if (best && known(best) > 1) return best
  parseCsv(text, { separator: ',', limit: HEADER_WITHIN })
  throw new CsvError(`line 1: there is no header row; it names the columns ${NEEDED.join(', ')}`)
}

/** Our own CSV puts `'` before what a spreadsheet would read as a formula. */
const unmasked = (text: string) => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text)

/** Google writes what there is none of as `--`. */
const isNone = (text: string) => /^(?:--)?$/.test(text.trim())

function itemOf({ cells, line }: CsvRecord, { header, defaults }: { header: Header; defaults: SpendDefaults }): SpendItem | undefined {
  const { places, separator, record } = header
  const cell = (column: Column): string | undefined => {
    const place = places[column]
    const text = place === undefined ? undefined : cells[place]
    return text === undefined || isNone(text) ? undefined : unmasked(text)
  }
  const [campaign = defaults.campaign, day, lastDay] = [cell('campaign'), cell('day')?.trim(), cell('lastDay')?.trim()]
  // Google ends a report with "Total: …", Meta begins it with a row that has neither.
  if (day === undefined && (cell('campaign') === undefined || cells.some((text) => /^Total(?:$|:)/.test(text.trim())))) return undefined
  if (cells.length !== record.cells.length) {
    const message = `has ${cells.length} cells where the header has ${record.cells.length}; a cell with "${separator}" in it needs quotes`
    return { line, value: {}, error: { field: 'row', message } }
  }
  if (lastDay !== undefined && lastDay !== day) {
    const message = `day is ${day} to ${lastDay}; export the report by day`
    return { line, value: {}, error: { field: 'day', message } }
  }
  const decimalMark = separator === ';' ? ',' : '.'
  const number = (text: string | undefined) => (text === undefined ? undefined : (readNumber(text, decimalMark) ?? text))
  const value: Record<string, unknown> = {
    source: cell('source') ?? defaults.source,
    campaign,
    day,
    amount: number(cell('amount')),
    currency: cell('currency') ?? header.currency ?? defaults.currency,
  }
  for (const name of COUNTS) {
    const text = number(cell(name))
    value[name] = text === undefined || Number.isNaN(Number(text)) ? text : Number(text)
  }
  return { line, value }
}

/**
 * The rows of a CSV file of spend: our own columns, or an export of Google Ads or Meta.
 *
 * Throws CsvError, naming the line, on what is no CSV and on a column that is missing and has no default.
 */
export function readSpendFile(text: string, defaults: SpendDefaults): SpendFile {
  const header = findHeader(text)
  const { places, record, separator } = header
  for (const column of NEEDED) {
    const isGiven = column === 'currency' ? (defaults.currency ?? header.currency) : defaults[column as keyof SpendDefaults]
    if (places[column] !== undefined || isGiven !== undefined) continue
    const names = COLUMNS[column].map((name) => `"${name}"`).join(' or ')
    throw new CsvError(`line ${record.line}: there is no column ${names}`)
  }
  const records = parseCsv(text, { separator }).filter(({ line }) => line > record.line)
  const items = records.map((one) => itemOf(one, { header, defaults }))
  const kept = items.filter((item) => item !== undefined)
  return { items: kept, sums: items.length - kept.length }
}
