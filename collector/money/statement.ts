import { createHash } from 'node:crypto'
import type { Model } from './terms.ts'

/** What is owed for one day under one model and one version of the terms. */
export interface StatementLine {
  /** `YYYY-MM-DD` in the campaign's time zone. */
  day: string
  model: Model
  /** Version of the terms, 1 for the first. */
  terms: number
  /** Results that count, those over a budget among them. */
  results: number
  /** Of these, results that lie over a budget and are not owed at all. */
  unbilled: number
  /** Owed, minor units. */
  amountMinor: number
  /** SHA-256 of the line and of the hash of the line before, hex. */
  hash: string
}

/** What is owed for a campaign and some days. The same ledger and terms give the same bytes. */
export interface Statement {
  campaign: string
  currency: string
  timeZone: string
  /** Both days included. */
  from: string
  to: string
  closed: boolean
  lines: StatementLine[]
  owedMinor: number
  /** What lies over the budgets, minor units. */
  unbilledMinor: number
  /** Results that were not counted, by reason. */
  notCounted: Record<string, number>
  /** Over the heading, all lines and the sums. */
  hash: string
}

const sha256 = (...parts: unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

type Heading = Omit<Statement, 'lines' | 'hash'>
type Unhashed = Omit<StatementLine, 'hash'>

const lineHash = (before: string, { day, model, terms, results, unbilled, amountMinor }: Unhashed) =>
  sha256(before, day, model, terms, results, unbilled, amountMinor)

const firstHash = ({ campaign, currency, timeZone, from, to, closed }: Heading) => sha256(campaign, currency, timeZone, from, to, closed)

const lastHash = (before: string, { owedMinor, unbilledMinor, notCounted }: Heading) =>
  sha256(
    before,
    owedMinor,
    unbilledMinor,
    Object.entries(notCounted).sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** Chains lines by their hashes: whoever changes one must change all that follow, and the statement's own. */
export function sealStatement(heading: Heading, lines: Unhashed[]): Statement {
  let before = firstHash(heading)
  const sealed = lines.map((line): StatementLine => {
    before = lineHash(before, line)
    return { ...line, hash: before }
  })
  return { ...heading, lines: sealed, hash: lastHash(before, heading) }
}

/** What a statement was found to be: null when nothing in it was touched, else a sentence that names the first thing that was. */
export function checkStatement(statement: Statement): string | null {
  let before = firstHash(statement)
  for (const [i, line] of statement.lines.entries()) {
    before = lineHash(before, line)
    if (before === line.hash) continue
    const what = i === 0 ? 'the heading or line 1' : `line ${i + 1}`
    return `${what} was changed: ${line.day} ${line.model}, terms ${line.terms}, ${line.amountMinor} for ${line.results} results`
  }
  const sum = statement.lines.reduce((all, { amountMinor }) => all + amountMinor, 0)
  if (sum !== statement.owedMinor) return `the sum was changed: the lines add up to ${sum}, owedMinor is ${statement.owedMinor}`
  if (lastHash(before, statement) !== statement.hash)
    return 'a line was added or taken away at the end, or what was unbilled or not counted was changed'
  return null
}
