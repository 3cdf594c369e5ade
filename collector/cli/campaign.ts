import { termsBody } from '../money/terms.ts'
import { campaignBody, openRegistry, type Registry } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { AFTER_RESTART, check, given } from './configure.ts'
import { table } from './table.ts'

const OPTIONS = {
  json: { type: 'boolean' },
  name: { type: 'string' },
  currency: { type: 'string' },
  'time-zone': { type: 'string' },
  cpm: { type: 'string' },
  vcpm: { type: 'string' },
  cpc: { type: 'string' },
  cpl: { type: 'string' },
  cps: { type: 'string' },
  'cps-share': { type: 'string' },
  from: { type: 'string' },
  paused: { type: 'boolean' },
} as const

type Values = { [name in keyof typeof OPTIONS]?: string | boolean }

function list(registry: Registry): string {
  const rows = registry.campaigns().map(({ id, name, currency, timeZone, terms }) => {
    const [last] = terms.slice(-1)
    const pays = last?.pays.map(({ model, rate, share }) => `${model} ${rate ?? `${share} of the value`}`).join(', ')
    return [id, name, currency, timeZone, terms.length, last?.status === 'paused' ? `paused (${pays})` : (pays ?? '')]
  })
  return table(['id', 'name', 'currency', 'time zone', 'versions', 'pays'], rows)
}

function termsOf(values: Values): unknown {
  const rates = (['cpm', 'vcpm', 'cpc', 'cpl', 'cps'] as const).flatMap((model) =>
    values[model] === undefined ? [] : { model, rate: values[model] },
  )
  const share = values['cps-share'] === undefined ? [] : { model: 'cps', share: values['cps-share'] }
  return given({ from: values.from, pays: rates.concat(share as never), status: values.paused ? 'paused' : undefined })
}

export const campaign: Command = {
  summary: 'lists campaigns, sets one up, gives it terms',
  help: `tallymark campaign list [--json]
tallymark campaign set ID --currency CODE [--time-zone ZONE] [--name NAME]
tallymark campaign terms ID [--cpm RATE] [--vcpm RATE] [--cpc RATE] [--cpl RATE] [--cps RATE] [--cps-share PART] [--from INSTANT] [--paused]

Terms hold from an instant on, now unless --from says otherwise; the versions before stay as they are.

  tallymark campaign set spring-sale --currency NOK --time-zone Europe/Oslo
  tallymark campaign terms spring-sale --cpm 37.50 --cps-share 0.10 --from 2026-11-01T00:00:00+01:00
`,
  async run({ args, store, now, stdout }) {
    const { values, positionals } = readArgs(args, {
      options: OPTIONS,
      positionals: { min: 1, max: 2, names: '"list", "set ID" or "terms ID"' },
    })
    const registry = await openRegistry({ store, now })
    const [action, id] = positionals
    if (action === 'list' && id === undefined) {
      stdout.write(values.json ? `${JSON.stringify({ campaigns: registry.campaigns() })}\n` : list(registry))
      return 0
    }
    if (id === undefined || (action !== 'set' && action !== 'terms')) throw new UsageError('expected "list", "set ID" or "terms ID"')
    if (action === 'set') {
      const { name, currency } = values
      await registry.putCampaign(id, check(campaignBody, given({ name, currency, timeZone: values['time-zone'] })))
      stdout.write(`Campaign ${id} is set. ${AFTER_RESTART}`)
    } else {
      const { version, from } = await registry.addTerms(id, check(termsBody, termsOf(values)))
      stdout.write(`Version ${version} of the terms of ${id} holds from ${new Date(from).toISOString()}. ${AFTER_RESTART}`)
    }
    return 0
  },
}
