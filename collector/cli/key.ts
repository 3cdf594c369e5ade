import { hashToken, newToken } from '../auth.ts'
import { openRegistry } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { AFTER_RESTART } from './configure.ts'

export const key: Command = {
  summary: 'makes a new admin token',
  help: `tallymark key admin

Makes a new admin token and prints it, once. The one before ends, and so do all sessions of the dashboard. TALLYMARK_ADMIN_TOKEN, where it is
set, stands above it.
`,
  async run({ args, store, now, stdout }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: '"admin"' } })
    if (positionals[0] !== 'admin') throw new UsageError('expected "admin"')
    const token = newToken()
    const registry = await openRegistry({ store, now })
    await registry.putSecret('admin', { hash: hashToken(token) })
    stdout.write(`${token}\n${AFTER_RESTART}`)
    return 0
  },
}
