import { COMMANDS } from './commands.ts'

const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)

/** What `tallymark --help` shows. */
export const HELP = `tallymark: measures what a campaign delivers and works out what is owed for it

  tallymark [COMMAND] [OPTIONS]

  start      runs collector, dashboard and demo site (the default)
${list.join('\n')}

  --help     of tallymark, or of a command: tallymark verify --help
  --version

The exit code is 0 only on success. Commands work on the store that TALLYMARK_STORE names, also while a collector uses it.

Environment, each with a default that works:
  TALLYMARK_PORT             port to listen on                              8787
  TALLYMARK_HOST             interface to listen on                         all
  TALLYMARK_STORE            where events are kept                          sqlite:./data/tallymark.db
  TALLYMARK_ADMIN_TOKEN      token for API and dashboard, 16 characters up  made and printed at the first start
  TALLYMARK_TRUSTED_PROXIES  addresses whose X-Forwarded-For is believed    none
  TALLYMARK_RATE_PER_SOURCE  requests a second from one address, 0 for any  100
  TALLYMARK_RATE_PER_SITE    requests a second for one site, 0 for any      0
  TALLYMARK_RETENTION_DAYS   days an event stays in the ledger, 0 for ever  0
  TALLYMARK_WEBHOOK_PRIVATE  webhooks to http and private networks, too     off
  TALLYMARK_DEMO             on or off: demo site and its campaigns         on
`

/** What `tallymark COMMAND --help` shows. */
export const helpOf = (name: string): string => `${COMMANDS[name]?.help}
Environment:
  TALLYMARK_STORE    the store, sqlite:./data/tallymark.db
`
