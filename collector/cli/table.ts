/** Rows as text in columns of equal width, numbers to the right. Empty without rows. */
export function table(columns: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return ''
  const text = [columns, ...rows].map((row) => row.map(String))
  const widths = columns.map((_, i) => Math.max(...text.map((row) => row[i]?.length ?? 0)))
  const isNumeric = columns.map((_, i) => rows.every((row) => typeof row[i] === 'number'))
  const line = (row: string[]) =>
    row
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return `${text.map(line).join('\n')}\n`
}
