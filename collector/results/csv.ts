import type { Statement } from '../money/statement.ts'
import { FIGURES, type ResultsAnswer } from './results.ts'

/** A cell that a spreadsheet would read as a formula gets a `'` before it. */
const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

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
  const columns = [...query.by, ...FIGURES]
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
