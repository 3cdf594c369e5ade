import { MODELS, type Terms, termsAt, termsBody } from '../money/terms.ts'
import { type Campaign, campaignBody, openRegistry, type Registry } from '../registry.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { check, checkId, given, SEEN_SOON } from './configure.ts'
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
  budget: { type: 'string' },
  'budget-monthly': { type: 'string' },
  'budget-daily': { type: 'string' },
  from: { type: 'string' },
  paused: { type: 'boolean' },
} as const

type Values = { [Name in keyof typeof OPTIONS]?: (typeof OPTIONS)[Name]['type'] extends 'string' ? string : boolean }

const paysText = ({ pays, status }: Terms) =>
  [...(status === 'paused' ? ['paused'] : []), ...pays.map(({ model, rate, share }) => `${model} ${rate ?? `${share} of the value`}`)].join(
    ', ',
  )

function listed(campaigns: Campaign[], now: number): string {
  if (campaigns.length === 0) return 'There are no campaigns. "tallymark campaign set ID --currency CODE" makes one.\n'
  return table(
    ['id', 'name', 'currency', 'time zone', 'versions', 'pays now'],
    campaigns.map(({ id, name, currency, timeZone, terms }) => {
      const inForce = termsAt(terms, now)
      return [id, name, currency, timeZone, terms.length, inForce ? paysText(inForce) : '']
    }),
  )
}

/** Puts a campaign with what is given in the place of what it had. */
async function setCampaign(id: string, { values, registry }: { values: Values; registry: Registry }): Promise<Campaign> {
  const before = registry.campaign(id)
  const value = { ...before, ...given({ name: values.name, currency: values.currency, timeZone: values['time-zone'] }) }
  if (before === undefined && values.currency === undefined)
    throw new UsageError(`--currency: is missing; campaign "${id}" is new and needs one, like --currency NOK`)
  const options = { name: '--name', currency: '--currency', timeZone: '--time-zone' }
  return registry.putCampaign(id, check(campaignBody, { value, options }))
}

/** The rates given, each with the option that gave it. */
function ratesOf(values: Values): { option: string; pay: object }[] {
  const rates = MODELS.flatMap((model) => {
    const rate = values[model]
    return rate === undefined ? [] : [{ option: `--${model}`, pay: { model, rate } }]
  })
  const share = values['cps-share']
  return share === undefined ? rates : [...rates, { option: '--cps-share', pay: { model: 'cps', share } }]
}

const BUDGETS = { total: 'budget', monthly: 'budget-monthly', daily: 'budget-daily' } as const

/** The budgets given, on top of those before; `none` takes one away. */
function budgetOf(values: Values, before: Terms['budget'] | undefined): object {
  const told = Object.entries(BUDGETS).flatMap(([span, option]) => {
    const amount = values[option]
    return amount === undefined ? [] : [[span, amount === 'none' ? null : amount]]
  })
  return { ...before, ...Object.fromEntries(told) }
}

/**
 * Adds a version of terms to a campaign: the rates given, and all that has no option here as in the version it follows.
 *
 * A budget that went because a rate changed would cost real money.
 */
async function addTerms(id: string, { values, registry, now }: { values: Values; registry: Registry; now: number }): Promise<Terms> {
  const campaign = registry.campaign(id)
  if (!campaign) throw new UsageError(`there is no campaign "${id}"; make it with tallymark campaign set ${id} --currency CODE`)
  const rates = ratesOf(values)
  const isBudget = Object.values(BUDGETS).some((option) => values[option] !== undefined)
  if (rates.length === 0 && !values.paused && !isBudget)
    throw new UsageError('expected a rate, like --cpm 37.50, a budget, like --budget-daily 500, or --paused; see --help')
  const from = values.from === undefined ? now : Date.parse(values.from)
  const { version, from: _, pays, budget, ...kept } = termsAt(campaign.terms, from) ?? { pays: [], budget: undefined }
  const value = given({
    ...kept,
    budget: budgetOf(values, budget),
    from: values.from,
    pays: rates.length > 0 ? rates.map(({ pay }) => pay) : pays,
    status: values.paused ? 'paused' : 'active',
  })
  const budgets = Object.entries(BUDGETS).map(([span, option]) => [`budget.${span}`, `--${option}`])
  const options = Object.fromEntries([['from', '--from'], ...budgets, ...rates.map(({ option }, i) => [`pays.${i}`, option])])
  return registry.addTerms(id, check(termsBody, { value, options }))
}

export const campaign: Command = {
  summary: 'lists campaigns, sets one up, gives it terms',
  makesStore: true,
  help: `tallymark campaign list [--json]
tallymark campaign set ID --currency CODE [--time-zone ZONE] [--name NAME]
tallymark campaign terms ID [--cpm RATE] [--vcpm RATE] [--cpc RATE] [--cpl RATE] [--cps RATE] [--cps-share PART]
                        [--budget AMOUNT] [--budget-monthly AMOUNT] [--budget-daily AMOUNT] [--from INSTANT] [--paused]

"set" makes a campaign or changes it; what no option names stays as it is. "terms" adds a version, which holds from an instant on; those
before stay as they are. The rates given stand in the place of all before; what no option names stays that of the version
in force then. A collector that is running sees the change within seconds.

Options:
  --currency CODE     in which it is paid, like NOK
  --time-zone ZONE    of its days, like Europe/Oslo; UTC for a new one
  --name NAME         as people call it
  --cpm RATE          for 1,000 impressions, a decimal in the campaign's currency; --vcpm for 1,000 viewable ones
  --cpc RATE          for a click; --cpl for a signup (lead), --cps for a purchase (sale)
  --cps-share PART    of a purchase's value, 0.10 for 10 %
  --budget AMOUNT     most that is ever owed, in the campaign's currency; --budget-monthly in a month of its calendar, --budget-daily in a
                      day; none for no bound
  --from INSTANT      ISO 8601 with an offset; now when left out
  --paused            nothing is owed from then on; without a rate the rates stay
  --json              of list: {"campaigns": [{"id", "name", "currency", "timeZone", "terms", …}]}, instants in ms

Examples:
  tallymark campaign set spring-sale --currency NOK --time-zone Europe/Oslo
  tallymark campaign terms spring-sale --cpm 37.50 --cps-share 0.10 --from 2026-11-01T00:00:00+01:00
`,
  async run({ args, store, now, stdout }) {
    const names = '"list", "set ID" or "terms ID"'
    const { values, positionals } = readArgs(args, { options: OPTIONS, positionals: { min: 1, max: 2, names } })
    const registry = await openRegistry({ store, now })
    const [action, id] = positionals
    if (action === 'list' && id === undefined) {
      const campaigns = registry.campaigns()
      stdout.write(values.json ? `${JSON.stringify({ campaigns })}\n` : listed(campaigns, now()))
      return 0
    }
    if (action === 'set') stdout.write(listed([await setCampaign(checkId(id), { values, registry })], now()) + SEEN_SOON)
    else if (action === 'terms') {
      const terms = await addTerms(checkId(id), { values, registry, now: now() })
      stdout.write(`Version ${terms.version} holds from ${new Date(terms.from).toISOString()}: ${paysText(terms)}.\n${SEEN_SOON}`)
    } else throw new UsageError(`expected ${names}, got "${positionals.join(' ')}"; see --help`)
    return 0
  },
}
