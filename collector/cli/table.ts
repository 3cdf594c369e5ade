/** More of one cell would push the others out of sight. */
const MAX_CELL = 200

/** Text of unknown origin without what a terminal would obey: control characters, and those that turn the direction of writing. */
function printable(text: string): string {
  const shown = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)
  return shown.length > MAX_CELL ? `${shown.slice(0, MAX_CELL - 1)}…` : shown
}

/** Rows as text in columns of equal width, numbers to the right. Empty without rows. */
export function table(columns: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return ''
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : printable(cell))))
  const text = [columns, ...cells]
  const widths = columns.map((_, i) => Math.max(...text.map((row) => row[i]?.length ?? 0)))
  const isNumeric = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number'))
  const line = (row: string[]) =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return `${text.map(line).join('\n')}\n`
}
