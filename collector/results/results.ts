/** One line of `GET /v1/results`. Amounts are integers of minor units of `currency`; a zero denominator gives null. */
export interface ResultRow {
  campaign?: string | null
  site?: string
  /** `YYYY-MM-DD` in the answer's time zone. */
  day?: string
  /** Other dimensions asked for, under their own name (`placement`, `segment.plan`, …); null for events without one. */
  [dimension: string]: unknown
  impressions: number
  viewable: number
  clicks: number
  signups: number
  purchases: number
  /** Purchase value in `currency`; null only in totals over several currencies. */
  revenueMinor: number | null
  /** Purchase value in other currencies; they are never added together. Absent when there is none. */
  otherRevenueMinor?: Record<string, number>
  /** What is owed under the campaigns' terms; null only in totals over several currencies. */
  costMinor: number | null
  /** Of the campaign; null for results of campaigns without one and without purchases. */
  currency: string | null
  ctr: number | null
  signupRate: number | null
  purchaseRate: number | null
  cpm: number | null
  cpc: number | null
  cpl: number | null
  cps: number | null
  aov: number | null
  roas: number | null
}

export interface ResultsAnswer {
  query: {
    from: string
    to: string
    tz: string
    by: string[]
    model: 'last'
    windows: Record<string, { clickDays: number; viewDays: number }>
    filters: Record<string, string>
    /** ISO 8601 instant. */
    asOf: string
  }
  rows: ResultRow[]
  /** Over all rows. With several currencies amounts stand under `currencies`, never added together. */
  totals: ResultRow & { currencies?: Record<string, { revenueMinor: number; costMinor: number }> }
  notCounted: Record<string, number>
}
