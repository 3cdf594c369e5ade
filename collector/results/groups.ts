import type { Sums } from './results.ts'

/** One line of results before its rates are worked out: what it is of, and its sums. */
export interface Group {
  key: Record<string, string | null>
  currency: string | null
  sums: Sums
}
