import { createHash } from 'node:crypto'
import { z } from 'zod'
import { MODELS } from './terms.ts'

const day = z.iso.date()

const statementLine = z.object({
  /** `YYYY-MM-DD` in the campaign's time zone. */
  day,
  model: z.enum(MODELS),
  /** Version of the terms, 1 for the first. */
  terms: z.int().min(1),
  /** Results that count, those over a budget among them. Of a correction, how many more, or fewer. */
  results: z.int(),
  /** Of these, results that lie over a budget: nothing was left when their turn came. */
  unbilled: z.int(),
  /** Owed, minor units. */
  amountMinor: z.int(),
  /** A correction of a day in a period that was closed before: its first and last day, `2026-11-01/2026-11-30`. */
  corrects: z.string().exactOptional(),
  /** SHA-256 of the line and of the hash of the line before, hex. */
  hash: z.string(),
})

/** What is owed for a campaign and some days, as JSON. */
export const statementBody = z.object({
  campaign: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  /** Both days included. */
  from: day,
  to: day,
  /** Nothing in it changes any more; what comes later is a correction in the period that is open then. */
  closed: z.boolean(),
  /** Hash of the statement of the period before, where that is closed. */
  previous: z.string().exactOptional(),
  lines: z.array(statementLine),
  owedMinor: z.int(),
  /** What lies over the budgets, minor units. */
  unbilledMinor: z.int(),
  /** Results that were not counted, by reason. */
  notCounted: z.record(z.string(), z.int()),
  /** Over the heading, all lines and the sums. */
  hash: z.string(),
})

/** What is owed for one day under one model and one version of the terms. */
export type StatementLine = z.output<typeof statementLine>

/** What is owed for a campaign and some days. The same ledger and terms give the same bytes. */
export type Statement = z.output<typeof statementBody>

const sha256 = (...parts: unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

type Heading = Omit<Statement, 'lines' | 'hash'>
type Unhashed = Omit<StatementLine, 'hash'>

/** What is there only now and then changes no hash where it is not. */
const given = (value: string | undefined) => (value === undefined ? [] : [value])

const lineHash = (before: string, { day, model, terms, results, unbilled, amountMinor, corrects }: Unhashed) =>
  sha256(before, day, model, terms, results, unbilled, amountMinor, ...given(corrects))

const firstHash = ({ campaign, currency, timeZone, from, to, closed, previous }: Heading) =>
  sha256(campaign, currency, timeZone, from, to, closed, ...given(previous))

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
