import { statSync } from 'node:fs'
import { type Command, readArgs, UsageError } from './cli.ts'
import { count } from './progress.ts'

export const backup: Command = {
  summary: 'copies the store into a new file, also while events come in',
  help: `tallymark backup FILE

Writes the store as it is at one moment into a new file, which appears under its name only when it is whole. A collector may go on taking
events. An existing FILE is left as it is. The copy holds everything, hashes of tokens too. To use it, stop the collector and set
TALLYMARK_STORE to it.

Example:
  tallymark backup /backups/tallymark.db && TALLYMARK_STORE=sqlite:/backups/tallymark.db tallymark verify
`,
  async run({ args, store, stdout }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: 'one FILE' } })
    const [path = ''] = positionals
    if (statSync(path, { throwIfNoEntry: false })) throw new UsageError(`${path} is there already; name another file, or move it away`)
    await store.backup(path)
    stdout.write(`Copied to ${path}, ${count(statSync(path).size)} bytes.\n`)
    return 0
  },
}
