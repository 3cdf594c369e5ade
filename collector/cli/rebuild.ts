import { type Command, readArgs } from './cli.ts'
import { count, withProgress } from './progress.ts'

export const rebuild: Command = {
  summary: 'makes the totals anew from the ledger, also while events come in',
  help: `tallymark rebuild

Works the totals out beside the present ones and puts them in their place at the end. A collector may go on taking events. A run that was
stopped, however it was, is gone on with by the next.

Example:
  tallymark rebuild && tallymark verify
`,
  async run({ args, store, now, stdout, stderr }) {
    readArgs(args, { options: {}, positionals: { min: 0, max: 0, names: '' } })
    const from = await store.rebuiltUpTo()
    if (from > 0) stderr.write(`Going on where an earlier run was stopped, after ${count(from)} of ${count(await store.ledgerEnd())}.\n`)
    await withProgress({ stderr, now, what: 'Rebuilding', from }, store.rebuild)
    stdout.write('The totals are made anew.\n')
    return 0
  },
}
