import { existsSync } from 'node:fs'
import { type Command, readArgs, UsageError } from './cli.ts'

export const backup: Command = {
  summary: 'copies the store while it is used',
  help: `tallymark backup FILE

Writes the store as it is at one moment into a new file. A collector may go on taking events. To use it, stop the collector and set
TALLYMARK_STORE to the copy.
`,
  async run({ args, store, stdout }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: 'one FILE' } })
    const [path = ''] = positionals
    if (existsSync(path)) throw new UsageError(`${path} is there already; name another file, or move it away`)
    await store.backup(path)
    stdout.write(`Copied to ${path}.\n`)
    return 0
  },
}
