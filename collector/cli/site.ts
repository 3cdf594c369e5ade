import { openRegistry, siteBody } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { AFTER_RESTART, check, given } from './configure.ts'
import { table } from './table.ts'

export const site: Command = {
  summary: 'lists sites, or sets one up',
  help: `tallymark site list [--json]
tallymark site set ID [--name NAME] [--origin ORIGIN]… [--allow localhost|automation]…

  tallymark site set shop --name Shop --origin https://shop.example --origin https://www.shop.example
`,
  async run({ args, store, now, stdout }) {
    const options = {
      json: { type: 'boolean' },
      name: { type: 'string' },
      origin: { type: 'string', multiple: true },
      allow: { type: 'string', multiple: true },
    } as const
    const { values, positionals } = readArgs(args, { options, positionals: { min: 1, max: 2, names: '"list" or "set ID"' } })
    const registry = await openRegistry({ store, now })
    const [action, id] = positionals
    if (action === 'list' && id === undefined) {
      const sites = registry.sites()
      const rows = sites.map((one) => [one.id, one.name, one.origins.join(' ') || '(localhost only)', one.allow.join(' ')])
      stdout.write(values.json ? `${JSON.stringify({ sites })}\n` : table(['id', 'name', 'origins', 'allows'], rows))
      return 0
    }
    if (action !== 'set' || id === undefined) throw new UsageError('expected "list" or "set ID"')
    const { name, origin, allow } = values
    await registry.putSite(id, check(siteBody, given({ name, origins: origin, allow })))
    stdout.write(`Site ${id} is set. ${AFTER_RESTART}`)
    return 0
  },
}
