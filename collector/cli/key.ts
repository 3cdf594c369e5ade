import { hashToken, newToken } from '../auth.ts'
import { openRegistry } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { AFTER_RESTART } from './configure.ts'

export const key: Command = {
  summary: 'makes a new admin token',
  help: `tallymark key admin

Makes a new token for API and dashboard and prints it, only now. The one before ends, and with it all sessions of the dashboard, when the
collector is restarted. TALLYMARK_ADMIN_TOKEN, where it is set, stands above both.

Example:
  tallymark key admin > token.txt
`,
  async run({ args, store, now, stdout, stderr }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: '"admin"' } })
    if (positionals[0] !== 'admin') throw new UsageError(`expected "admin", got "${positionals[0]}"; see --help`)
    const token = newToken()
    const registry = await openRegistry({ store, now })
    await registry.putSecret('admin', { hash: hashToken(token) })
    stdout.write(`${token}\n`)
    stderr.write(`Shown only now; keep it. ${AFTER_RESTART}`)
    return 0
  },
}
