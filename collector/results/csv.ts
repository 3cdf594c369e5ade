import { FIGURES, type ResultsAnswer } from './results.ts'

/** A cell that a spreadsheet would read as a formula gets a `'` before it. */
const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = harmless(typeof value === 'object' ? JSON.stringify(value) : String(value))
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The rows of an answer as CSV (RFC 4180, CRLF), a column per key asked for and per figure; amounts in minor units. */
export function resultsCsv({ query, rows }: ResultsAnswer): string {
  const columns = [...query.by, ...FIGURES]
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}
