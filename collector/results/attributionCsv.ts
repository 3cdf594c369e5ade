import type { AttributionAnswer } from './attributionRows.ts'
import { csv } from './csv.ts'

const FIGURES = ['signups', 'purchases', 'revenueMinor'] as const

/** The rows of a report by touches as CSV: what each has by the model, then the same by the last click; amounts in minor units. */
export function attributionCsv({ query: { by }, rows }: AttributionAnswer): string {
  return csv([
    [...by, ...FIGURES, 'currency', 'lastSignups', 'lastPurchases', 'lastRevenueMinor'],
    ...rows.map((row) => [...[...by, ...FIGURES, 'currency'].map((name) => row[name]), ...FIGURES.map((name) => row.last[name])]),
  ])
}
