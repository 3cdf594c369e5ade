import { readFileSync } from 'node:fs'
import { currencyExponent } from '../../sdk/wire.ts'
import { checkStatement, type Statement, statementBody } from '../money/statement.ts'
import { openRegistry } from '../registry.ts'
import { closePeriod } from '../results/closePeriod.ts'
import { computeStatement } from '../results/computeStatement.ts'
import { statementCsv } from '../results/csv.ts'
import { parseResultsQuery } from '../results/query.ts'
import { type Cli, type Command, readArgs, UsageError } from './cli.ts'
import { table } from './table.ts'

/** Minor units as a decimal with all decimals of the currency. */
function amount(minor: number, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0')
  const whole = BigInt(digits.slice(0, digits.length - exponent)).toLocaleString('en')
  return `${minor < 0 ? '-' : ''}${whole}${exponent ? `.${digits.slice(-exponent)}` : ''}`
}

function shown(statement: Statement): string {
  const { campaign, currency, timeZone, from, to, lines, owedMinor, unbilledMinor, notCounted, hash } = statement
  const rows = lines.map(({ day, model, terms, results, unbilled, amountMinor, corrects }) => [
    corrects ? `${day} (correction)` : day,
    model,
    terms,
    results,
    unbilled,
    amount(amountMinor, currency),
  ])
  const reasons = Object.entries(notCounted).map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`)
  return [
    `${campaign}, ${from} to ${to} (${timeZone}), in ${currency}${statement.closed ? ', closed' : ''}\n\n`,
    rows.length > 0
      ? table(['day', 'model', 'terms', 'results', 'over budget', 'owed'], rows)
      : 'Nothing was counted that the terms pay.\n',
    `\nOwed: ${amount(owedMinor, currency)} ${currency}. Over budget, not owed: ${amount(unbilledMinor, currency)}.\n`,
    reasons.length > 0 ? `Not counted: ${reasons.join(', ')}.\n` : '',
    `Hash: ${hash}\n`,
  ].join('')
}

/** Says whether a statement in a file is as it was made. Needs no store. */
function check(path: string, { stdout }: Cli): number {
  let statement: Statement
  try {
    statement = statementBody.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`there is no file ${path}`)
    throw new UsageError(`${path} is no statement as "tallymark statement --json" or GET /v1/statements gives it`)
  }
  const touched = checkStatement(statement)
  const { owedMinor, currency, hash } = statement
  stdout.write(touched === null ? `Untouched: ${amount(owedMinor, currency)} ${currency} owed, hash ${hash}\n` : `Touched: ${touched}\n`)
  return touched === null ? 0 : 1
}

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  check: { type: 'string' },
  close: { type: 'boolean' },
} as const

export const statement: Command = {
  summary: 'tells what is owed, line by line, and checks such a statement',
  help: `tallymark statement CAMPAIGN [--from DAY] [--to DAY] [--json | --csv]
tallymark statement CAMPAIGN --to DAY --close
tallymark statement --check FILE

What is owed for a campaign: a line for each day, model and version of the terms. Days are those of the campaign's time zone, both included; the
last 30 when left out. Each line carries a hash over itself and the line before, so that nobody can change one unseen.

Options:
  --from DAY     like 2026-11-01
  --to DAY       like 2026-11-30
  --json         as GET /v1/statements gives it; the same ledger and terms give the same bytes
  --csv          the lines, amounts in minor units
  --close        closes the period up to that day for good: it begins after the last closed one, or with the first result. What comes later
                 for its days is a correction in the period that is open then
  --check FILE   works the hashes of a statement in JSON out again, without a store, and names the first line that was touched; exit code 1 then

Example:
  tallymark statement spring-sale --from 2026-11-01 --to 2026-11-30 --json > november.json
  tallymark statement --check november.json
`,
  async run(cli) {
    const { args, now, stdout } = cli
    const { values, positionals } = readArgs(args, {
      options: OPTIONS,
      positionals: { min: 0, max: 1, names: 'one CAMPAIGN or --check FILE' },
    })
    const [id] = positionals
    if (values.check !== undefined && id === undefined) return check(values.check, cli)
    if (id === undefined || values.check !== undefined) throw new UsageError('expected one CAMPAIGN or --check FILE; see --help')
    const { store } = cli
    const registry = await openRegistry({ store, now })
    const campaign = registry.campaign(id)
    if (!campaign) throw new UsageError(`there is no campaign "${id}"; "tallymark campaign list" lists them`)
    const { from, to } = parseResultsQuery(
      { campaign: id, by: 'day', ...(values.from && { from: values.from }), ...(values.to && { to: values.to }) },
      { registry, now: now() },
    )
    const options = { registry, store, now: now() }
    const made = values.close
      ? await closePeriod({ campaign, to: values.to, ...(values.from && { from: values.from }) }, options)
      : await computeStatement({ campaign, from, to }, { store, closed: registry.closings(id) })
    stdout.write(values.json ? `${JSON.stringify(made)}\n` : values.csv ? statementCsv(made) : shown(made))
    return 0
  },
}
