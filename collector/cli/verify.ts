import type { Difference } from '../store/store.ts'
import { type Command, readArgs } from './cli.ts'
import { withProgress } from './progress.ts'
import { table } from './table.ts'

/** The store gives no more. */
const MAX_DIFFERENCES = 100

/** What differs, how many, and what to do about it. */
function report(differences: Difference[]): string {
  if (differences.length === 0) return 'Everything agrees with the ledger.\n'
  const isTotal = ({ where }: Difference) => where.startsWith('totals ')
  const rows = differences.map(({ where, stored, expected }) => [where, stored, expected])
  const count = `${differences.length}${differences.length === MAX_DIFFERENCES ? ' or more' : ''}`
  const advice = [
    ...(differences.some(isTotal) ? ['"tallymark rebuild" makes the totals anew from the ledger.'] : []),
    ...(differences.every(isTotal)
      ? []
      : ['Indexes and counters are made anew by "tallymark export" and "tallymark import" into a new file.']),
  ]
  return `${table(['where', 'stored', 'expected'], rows)}\nDifferences from the ledger: ${count}. ${advice.join(' ')}\n`
}

export const verify: Command = {
  summary: 'works every total out again from the ledger and compares',
  help: `tallymark verify [--json]

Works totals, indexes and counters out again from the ledger and compares them with what is stored, as of one moment: a collector may go on
taking events. Three numbers of a total are count, viewable and value in minor units. Exit code 0 when every unit agrees, 1 when
anything differs.

Options:
  --json    {"differences": [{"where", "stored", "expected"}]}, at most 100

Example:
  tallymark verify && tallymark backup /backups/$(date +%F).db
`,
  async run({ args, store, now, stdout, stderr }) {
    const { values } = readArgs(args, { options: { json: { type: 'boolean' } }, positionals: { min: 0, max: 0, names: '' } })
    const differences = await withProgress({ stderr, now, what: 'Verifying' }, store.verify)
    stdout.write(values.json ? `${JSON.stringify({ differences })}\n` : report(differences))
    return differences.length === 0 ? 0 : 1
  },
}
