import { openRegistry, type Site, siteBody } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { check, checkId, given, SEEN_SOON } from './configure.ts'
import { table } from './table.ts'

const OPTIONS = {
  json: { type: 'boolean' },
  name: { type: 'string' },
  origin: { type: 'string', multiple: true },
  allow: { type: 'string', multiple: true },
} as const

function listed(sites: Site[]): string {
  if (sites.length === 0) return 'There are no sites. "tallymark site set ID" makes one.\n'
  return table(
    ['id', 'name', 'origins', 'allows'],
    sites.map(({ id, name, origins, allow }) => [id, name, origins.join(' ') || '(pages on localhost only)', allow.join(' ')]),
  )
}

export const site: Command = {
  summary: 'lists sites, sets one up',
  makesStore: true,
  help: `tallymark site list [--json]
tallymark site set ID [--name NAME] [--origin ORIGIN]… [--allow localhost|automation]…

"set" makes a site or changes it. What no option names stays as it is; the origins given stand in the place of those before. Without
any, pages on localhost only may send. A collector that is running sees the change within seconds.

Options:
  --name NAME        as people call it
  --origin ORIGIN    of pages that may send events; may be repeated
  --allow WHAT       localhost: its pages count although there are origins; automation: driven browsers count, as in a demo
  --json             of list: {"sites": [{"id", "name", "origins", "allow"}]}

Example:
  tallymark site set shop --name Shop --origin https://shop.example --origin https://www.shop.example
`,
  async run({ args, store, now, stdout }) {
    const { values, positionals } = readArgs(args, { options: OPTIONS, positionals: { min: 1, max: 2, names: '"list" or "set ID"' } })
    const registry = await openRegistry({ store, now })
    const [action, id] = positionals
    if (action === 'list' && id === undefined) {
      const sites = registry.sites()
      stdout.write(values.json ? `${JSON.stringify({ sites })}\n` : listed(sites))
      return 0
    }
    if (action !== 'set') throw new UsageError(`expected "list" or "set ID", got "${positionals.join(' ')}"; see --help`)
    const before = registry.site(checkId(id))
    const value = given({ name: values.name, origins: values.origin ?? before?.origins, allow: values.allow ?? before?.allow })
    const body = check(siteBody, { value, options: { name: '--name', origins: '--origin', allow: '--allow' } })
    const after = await registry.putSite(checkId(id), body)
    stdout.write(listed([after]) + SEEN_SOON)
    return 0
  },
}
