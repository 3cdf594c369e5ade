import { hashToken, newToken } from '../auth.ts'
import { makeKey } from '../makeKey.ts'
import { newId } from '../newId.ts'
import { openRegistry } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { SEEN_SOON } from './configure.ts'
import { table } from './table.ts'

export const key: Command = {
  summary: 'makes, lists and revokes keys',
  help: `tallymark key server SITE [--signs]
tallymark key list [--json]
tallymark key revoke ID
tallymark key admin

"server" makes a secret key with which a server of the site reports conversions, and prints it, only now. A site may have several, so that one
can take the other's place. With --signs it makes one that signs requests and is never sent itself. A collector that is running takes a new key,
and refuses a revoked one, within seconds.

"admin" makes a new token for API and dashboard and prints it, only now. The one before ends, and with it all sessions of the dashboard, when
the collector is restarted. TALLYMARK_ADMIN_TOKEN, where it is set, stands above both.

Example:
  tallymark key server shop > key.txt
`,
  async run({ args, store, now, stdout, stderr }) {
    const names = '"server SITE", "list", "revoke ID" or "admin"'
    const { values, positionals } = readArgs(args, {
      options: { json: { type: 'boolean' }, signs: { type: 'boolean' } },
      positionals: { min: 1, max: 2, names },
    })
    const [action = '', of] = positionals
    const registry = await openRegistry({ store, now })
    if (action === 'admin' && of === undefined) {
      const token = newToken()
      await registry.putSecret('admin', { hash: hashToken(token) })
      stdout.write(`${token}\n`)
      stderr.write(`Shown only now; keep it. A collector that is running goes on with the one before: restart it.\n`)
      return 0
    }
    if (action === 'server' && of !== undefined) {
      const { key: secret } = await makeKey(registry, {
        role: 'server',
        site: of,
        id: newId(now()),
        signs: values.signs ?? false,
        now: now(),
      })
      stdout.write(`${secret}\n`)
      stderr.write(`Shown only now; keep it. ${SEEN_SOON}`)
      return 0
    }
    if (action === 'revoke' && of !== undefined) {
      await registry.revokeKey(of)
      stdout.write(`Revoked. ${SEEN_SOON}`)
      return 0
    }
    if (action !== 'list' || of !== undefined) throw new UsageError(`expected ${names}, got "${positionals.join(' ')}"; see --help`)
    const keys = registry.keys().map(({ hash, madeAt, ...shown }) => ({ ...shown, madeAt: new Date(madeAt).toISOString() }))
    if (values.json) stdout.write(`${JSON.stringify({ keys })}\n`)
    else if (keys.length === 0) stdout.write('There are no keys. "tallymark key server SITE" makes one.\n')
    else
      stdout.write(
        table(
          ['id', 'role', 'site', 'key', 'made', ''],
          keys.map(({ id, role, signs, site, prefix, madeAt, revoked }) => [
            id,
            signs ? `${role}, signs` : role,
            site,
            `${prefix}…`,
            madeAt,
            revoked ? 'revoked' : '',
          ]),
        ),
      )
    return 0
  },
}
