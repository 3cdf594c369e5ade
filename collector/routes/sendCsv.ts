import type { Context } from 'hono'

/** Answers with CSV as a file to keep, `tallymark-NAME.csv`. */
export function sendCsv(c: Context, { name, text }: { name: string; text: string }): Response {
  c.header('Content-Type', 'text/csv; charset=utf-8')
  c.header('Content-Disposition', `attachment; filename="tallymark-${name}.csv"`)
  c.header('X-Content-Type-Options', 'nosniff')
  return c.body(text)
}
