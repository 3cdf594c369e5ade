/**
 * The money, worked out naively: every report, every correction and every result one by one, in `bigint`. It shares no code with the collector but the
 * calendar, and knows neither totals nor spans.
 */
import { dayOf } from '../../collector/results/days.ts'

export interface OracleTerms {
  from: number
  isPaused: boolean
  /** Millionths of a minor unit, or millionths of the value, from the `from`th result on; the first from 1. */
  pays: { model: string; isShare: boolean; steps: { from: number; micros: bigint }[] }[]
  /** Minor units. */
  money: Record<Span, bigint | null>
  results: ({ model: string } & Record<Span, number | null>)[]
  validationDays: number
  needsServer: boolean
}
export interface OracleReport {
  id: string
  type: 'impression' | 'click' | 'signup' | 'purchase'
  order?: string
  by: 'browser' | 'server'
  occurredAt: number
  receivedAt: number
  valueMinor: bigint
  isViewable: boolean
  isBot: boolean
}
export interface OracleCorrection {
  order: string
  action: 'refund' | 'cancel' | 'restate' | 'approve' | 'reject'
  valueMinor: bigint | null
}
export interface OracleLine {
  day: string
  model: string
  terms: number
  results: number
  unbilled: number
  amountMinor: bigint
}

const SPANS = ['total', 'monthly', 'daily'] as const
type Span = (typeof SPANS)[number]
const DAY = 86_400_000n
const UNITS: Record<string, { per: bigint; type: string }> = {
  cpm: { per: 1_000n, type: 'impression' },
  vcpm: { per: 1_000n, type: 'impression' },
  cpc: { per: 1n, type: 'click' },
  cpl: { per: 1n, type: 'signup' },
  cps: { per: 1n, type: 'purchase' },
}

/** To whole minor units from billionths, halves to even. */
function rounded(billionths: bigint): bigint {
  const [whole, rest] = [billionths / 1_000_000_000n, billionths % 1_000_000_000n]
  if (rest * 2n === 1_000_000_000n) return whole + (whole % 2n)
  return rest * 2n > 1_000_000_000n ? whole + 1n : whole
}

function inForce(terms: OracleTerms[], at: number): number {
  let found = -1
  for (const [i, one] of terms.entries()) if (one.from <= at && (found < 0 || one.from >= (terms[found]?.from ?? 0))) found = i
  return found
}

/** What counts in the end, with its value. */
function results(terms: OracleTerms[], reports: OracleReport[], corrections: OracleCorrection[], now: number) {
  const known = new Map<string, OracleReport & { server?: bigint }>()
  for (const report of reports) {
    if (report.isBot) continue
    const key = report.order ?? report.id
    const before = known.get(key)
    const own = report.by === 'server' ? { server: report.valueMinor } : {}
    if (!before) known.set(key, { ...report, ...own })
    else if (report.by === 'server') before.server ??= report.valueMinor
  }
  return [...known.values()].flatMap((one) => {
    const notes = corrections.filter(({ order }) => order === one.order)
    let value = one.server ?? one.valueMinor
    for (const { action, valueMinor } of notes) {
      if (action === 'cancel' || action === 'reject') return []
      if (action === 'restate') value = valueMinor ?? value
      if (action !== 'refund') continue
      value -= valueMinor ?? value
      if (value <= 0n) return []
    }
    const version = terms[inForce(terms, one.occurredAt)]
    const isConversion = one.type === 'signup' || one.type === 'purchase'
    const isApproved = notes.some(({ action }) => action === 'approve')
    if (version && isConversion && !isApproved) {
      if (version.needsServer && one.server === undefined) return []
      if (BigInt(now) < BigInt(one.occurredAt) + BigInt(version.validationDays) * DAY) return []
    }
    return [{ ...one, value }]
  })
}

/** What is owed, line by line, days first, then models in their order, then versions. */
export function oracle(
  {
    terms,
    timeZone,
    reports,
    corrections,
  }: { terms: OracleTerms[]; timeZone: string; reports: OracleReport[]; corrections: OracleCorrection[] },
  now: number,
): { lines: OracleLine[]; unbilledMinor: bigint } {
  const seen = new Map<string, number>()
  const exact = new Map<string, bigint>()
  const paid = new Map<string, number>()
  const spent = new Map<string, bigint>()
  const lines = new Map<string, OracleLine>()
  let unbilledMinor = 0n
  const ordered = results(terms, reports, corrections, now).sort((a, b) => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1))
  for (const { type, occurredAt, value, isViewable } of ordered) {
    const index = inForce(terms, occurredAt)
    const version = terms[index]
    if (!version || version.isPaused) continue
    const day = dayOf(occurredAt, timeZone)
    const spans = { total: '', monthly: day.slice(0, 7), daily: day }
    for (const model of ['cpm', 'vcpm', 'cpc', 'cpl', 'cps']) {
      const unit = UNITS[model]
      const pays = version.pays.filter((pay) => pay.model === model)
      if (unit?.type !== type || pays.length === 0 || (model === 'vcpm' && !isViewable)) continue
      const count = (seen.get(model) ?? 0) + 1
      seen.set(model, count)
      const before = exact.get(model) ?? 0n
      let after = before
      for (const { isShare, steps } of pays) {
        const micros = steps.findLast(({ from }) => from <= count)?.micros ?? 0n
        after += ((isShare ? value : 1n) * micros * 1_000n) / unit.per
      }
      exact.set(model, after)
      const price = rounded(after) - rounded(before)
      const agreed = version.results.find((one) => one.model === model)
      const isOver = SPANS.some((span) => {
        const most = agreed?.[span] ?? null
        return most !== null && (paid.get(`${model} ${span} ${spans[span]}`) ?? 0) >= most
      })
      let due = isOver ? 0n : price
      let isUsedUp = false
      for (const span of SPANS) {
        const most = version.money[span]
        if (most === null) continue
        const left = most - (spent.get(`${span} ${spans[span]}`) ?? 0n)
        if (left <= 0n) isUsedUp = true
        if (left < due) due = left < 0n ? 0n : left
      }
      for (const span of SPANS) {
        if (!isOver) paid.set(`${model} ${span} ${spans[span]}`, (paid.get(`${model} ${span} ${spans[span]}`) ?? 0) + 1)
        spent.set(`${span} ${spans[span]}`, (spent.get(`${span} ${spans[span]}`) ?? 0n) + due)
      }
      unbilledMinor += price - due
      const key = `${day} ${['cpm', 'vcpm', 'cpc', 'cpl', 'cps'].indexOf(model)} ${String(index).padStart(3, '0')}`
      const line = lines.get(key) ?? { day, model, terms: index + 1, results: 0, unbilled: 0, amountMinor: 0n }
      lines.set(key, line)
      line.results += 1
      if (isOver || isUsedUp) line.unbilled += 1
      line.amountMinor += due
    }
  }
  return { lines: [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line), unbilledMinor }
}
