import { type Command, readArgs } from './cli.ts'
import { progressBar } from './progress.ts'

export const rebuild: Command = {
  summary: 'makes the totals anew from the ledger, also while events come in',
  help: `tallymark rebuild

Works out the totals beside the present ones and puts them in their place at the end. A collector may go on taking events. When it is
stopped, the next run goes on where it was.
`,
  async run({ args, store, now, stdout, stderr }) {
    readArgs(args, { options: {}, positionals: { min: 0, max: 0, names: '' } })
    const bar = progressBar({ stderr, now, what: 'Rebuilding' })
    await store.rebuild(bar.update)
    bar.end()
    stdout.write('The totals are made anew. "tallymark verify" compares them with the ledger.\n')
    return 0
  },
}
