/** What the chart draws, handed to the page as JSON. */
export interface ChartData {
  /** `YYYY-MM-DD`, ascending, without gaps. */
  days: string[]
  /** The last day is today: its values still grow. */
  untilToday: boolean
  metrics: ChartMetric[]
}

export interface ChartMetric {
  /** `clicks`, or `owed-NOK` when there are several currencies. */
  key: string
  label: string
  /** Null for counts; else values are minor units of it. */
  currency: string | null
  series: ChartSeries[]
}

export interface ChartSeries {
  name: string
  /** 1 to 8, a colour of the palette; 0 for all other campaigns together. */
  slot: number
  /** One for each day. */
  values: number[]
}
