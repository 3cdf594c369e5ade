/** A record of a CSV file. */
export interface CsvRecord {
  /** On which it begins, from 1. */
  line: number
  cells: string[]
}

/** The text is no CSV; the message names the line and what is wrong there. */
export class CsvError extends Error {
  override name = 'CsvError'
}

const isEnd = (char: string | undefined) => char === undefined || char === '\n' || char === '\r'

/** How many lines end within a text; CR LF is one end. */
const lineEnds = (text: string) => text.match(/\r\n|\r|\n/g)?.length ?? 0

/**
 * The records of a CSV text, without blank ones, at most `limit` of them. Lines end in CR LF, LF or CR.
 *
 * A quote within a cell that does not begin with one stands for itself. Throws CsvError on a quote that is never closed, and on text behind a closing one.
 * Source: RFC 4180.
 */
export function parseCsv(
  text: string,
  { separator, limit = Number.POSITIVE_INFINITY }: { separator: string; limit?: number },
): CsvRecord[] {
  const records: CsvRecord[] = []
  let at = 0
  let line = 1

  function quoted(): string {
    const start = at + 1
    let end = text.indexOf('"', start)
    while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
    if (end < 0) throw new CsvError(`line ${line}: a quote that opens here is never closed`)
    at = end + 1
    const inner = text.slice(start, end)
    line += lineEnds(inner)
    if (text[at] !== separator && !isEnd(text[at]))
      throw new CsvError(`line ${line}: behind a closing quote must come a separator or the end of the line; write a quote in a cell as ""`)
    return inner.replaceAll('""', '"')
  }
  function plain(): string {
    const start = at
    while (text[at] !== separator && !isEnd(text[at])) at += 1
    return text.slice(start, at)
  }
  while (at < text.length && records.length < limit) {
    const record: CsvRecord = { line, cells: [] }
    for (;;) {
      record.cells.push(text[at] === '"' ? quoted() : plain())
      if (text[at] !== separator) break
      at += 1
    }
    at += text.startsWith('\r\n', at) ? 2 : 1
    line += 1
    if (record.cells.some((cell) => cell !== '')) records.push(record)
  }
  return records
}
