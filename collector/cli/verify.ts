import { type Command, readArgs } from './cli.ts'
import { progressBar } from './progress.ts'
import { table } from './table.ts'

export const verify: Command = {
  summary: 'works every total out again from the ledger; exit code 0 only when all agree',
  help: `tallymark verify [--json]

Recomputes totals, indexes and counters from the ledger and compares them with what is stored, in one snapshot: a collector may go on
taking events. Exit code 0 when every unit agrees, 1 when anything differs.

  --json    {"differences": [{"where", "stored", "expected"}]}, at most 100
`,
  async run({ args, store, now, stdout, stderr }) {
    const { values } = readArgs(args, { options: { json: { type: 'boolean' } }, positionals: { min: 0, max: 0, names: '' } })
    const bar = progressBar({ stderr, now, what: 'Verifying' })
    const differences = await store.verify(bar.update)
    bar.end()
    if (values.json) stdout.write(`${JSON.stringify({ differences })}\n`)
    else if (differences.length === 0) stdout.write('Everything agrees with the ledger.\n')
    else {
      stdout.write(
        table(
          ['where', 'stored', 'by the ledger'],
          differences.map(({ where, stored, expected }) => [where, stored, expected]),
        ),
      )
      stdout.write(
        `${differences.length} differ${differences.length === 100 ? ', or more' : ''}. "tallymark rebuild" makes the totals anew from the ledger.\n`,
      )
    }
    return differences.length === 0 ? 0 : 1
  },
}
