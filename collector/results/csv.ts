import type { Statement } from '../money/statement.ts'
import type { Spend } from '../spend/readSpend.ts'
import type { Discrepancies } from './computeDiscrepancies.ts'
import { FIGURES, type ResultsAnswer } from './results.ts'
import { SPEND_FIGURES } from './withSpend.ts'

/** A cell that a spreadsheet would read as a formula gets a `'` before it, and one that looks as if it had got one, so that reading can take it off again. */
const harmless = (text: string) => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text)

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = harmless(typeof value === 'object' ? JSON.stringify(value) : String(value))
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Lines of cells as CSV (RFC 4180, CRLF). */
export const csv = (lines: unknown[][]) => lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')

/** The rows of an answer as CSV (RFC 4180, CRLF), a column per key asked for and per figure; amounts in minor units. */
export function resultsCsv({ query, rows }: ResultsAnswer): string {
  const isSpent = rows.some((row) => 'spendMinor' in row)
  const columns = [...query.by, ...FIGURES, ...(isSpent ? SPEND_FIGURES : [])]
  return csv([columns, ...rows.map((row) => columns.map((name) => row[name]))])
}

const LINE_COLUMNS = ['day', 'model', 'terms', 'results', 'unbilled', 'amountMinor', 'hash', 'corrects'] as const

/** The lines of a statement as CSV, each with its campaign and currency; amounts in minor units. */
export function statementCsv({ campaign, currency, lines }: Statement): string {
  return csv([
    ['campaign', 'currency', ...LINE_COLUMNS],
    ...lines.map((line) => [campaign, currency, ...LINE_COLUMNS.map((name) => line[name])]),
  ])
}

const SPEND_COLUMNS = ['source', 'campaign', 'day', 'amount', 'currency', 'clicks', 'impressions', 'conversions'] as const

/** Spend as CSV, as it can be imported again. */
export function spendCsv(rows: Spend[]): string {
  return csv([[...SPEND_COLUMNS], ...rows.map((row) => SPEND_COLUMNS.map((name) => row[name]))])
}

const SIDES = ['clicks', 'impressions', 'conversions'] as const

/** Discrepancies as CSV: four columns for each number, and the reasons of what was not counted as one. */
export function discrepanciesCsv({ rows }: Discrepancies): string {
  const heads = SIDES.flatMap((name) => [`${name} platform`, `${name} ours`, `${name} difference`, `${name} percent`])
  const cells = rows.map((row) => {
    const sides = SIDES.flatMap((name) => [row[name].platform, row[name].ours, row[name].difference, row[name].percent])
    const reasons = Object.entries(row.notCounted).map(([reason, count]) => `${reason} ${count}`)
    return [row.source, row.campaign, row.day, ...sides, reasons.join(', ')]
  })
  return csv([['source', 'campaign', 'day', ...heads, 'not counted'], ...cells])
}
