import { readFile, stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { openRegistry } from '../registry.ts'
import { csvText } from '../spend/csvText.ts'
import { CsvError } from '../spend/parseCsv.ts'
import { receiveSpend, type SpendItem, type SpendReceipt } from '../spend/receiveSpend.ts'
import { readSpendFile, type SpendFile } from '../spend/spendFile.ts'
import { type Cli, type Command, readArgs, UsageError } from './cli.ts'
import { SEEN_SOON } from './configure.ts'
import { count } from './progress.ts'

/** Far over any report; a file is read whole, since rows of one key may stand anywhere in it. */
const MAX_BYTES = 67_108_864

/** Rejected rows that are shown: whoever has more has one mistake in all of them. */
const SHOWN = 20

async function readSource(path: string, stdin: Cli['stdin']): Promise<Uint8Array> {
  if (path === '-') return buffer(stdin)
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new UsageError(`there is no file ${path}`)
  if (found.isDirectory()) throw new UsageError(`${path} is a folder; name a CSV file`)
  if (found.size > MAX_BYTES) throw new UsageError(`${path} is larger than ${count(MAX_BYTES)} bytes; split it by day`)
  return readFile(path)
}

function parsed(bytes: Uint8Array, defaults: { source?: string; campaign?: string; currency?: string }): SpendFile {
  try {
    return readSpendFile(csvText(bytes), defaults)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const [, column] = /^line \d+: there is no column "(source|campaign|currency)"/.exec(error.message) ?? []
    throw new UsageError(column ? `${error.message}; name it with --${column}` : error.message)
  }
}

function summary(
  { accepted, corrected, unchanged, rejected }: SpendReceipt,
  { items, sums }: { items: SpendItem[]; sums: number },
): string {
  const skipped = sums > 0 ? `, ${count(sums)} of sums left out` : ''
  const shown = rejected.slice(0, SHOWN).map(({ message }) => `  ${message}\n`)
  const more = rejected.length > SHOWN ? `  and ${count(rejected.length - SHOWN)} more\n` : ''
  return [
    `${count(items.length)} rows read${skipped}: ${count(accepted)} new, ${count(corrected)} corrected, ${count(unchanged)} unchanged, ${count(rejected.length)} rejected.\n`,
    ...shown,
    more,
  ].join('')
}

const OPTIONS = {
  source: { type: 'string' },
  campaign: { type: 'string' },
  currency: { type: 'string' },
  json: { type: 'boolean' },
} as const

export const spend: Command = {
  summary: 'imports what campaigns cost elsewhere, from CSV',
  help: `tallymark spend FILE [--source NAME] [--campaign ID] [--currency CODE] [--json]

Takes in what was spent on campaigns at platforms like Google or Meta, and what these say they delivered. FILE is CSV with a header row, - for
standard input. There is one spend for each source, campaign, day and currency: a file may be imported again, what it says otherwise
than before corrects that. Good rows are taken where others are rejected; the exit code is 1 then.

Columns, in any order: source, campaign, day (2026-11-01), amount, currency and, where known, clicks, impressions, conversions. Those of the
exports of Google Ads (Campaign, Day, Cost, Currency code, Clicks, Impr., Conversions) and Meta (Campaign name, Day, Amount spent (NOK),
Link clicks, Impressions, Purchases) are understood. Cells are separated by comma, semicolon or tab.

Options:
  --source NAME      of all rows when there is no such column: the utm_source of the ads, like google
  --campaign ID      the same for the campaign
  --currency CODE    the same for the currency, like NOK
  --json             what became of each row, as POST /v1/spend answers it

Example:
  tallymark spend google-november.csv --source google
`,
  async run({ args, store, now, stdin, stdout }) {
    const { values, positionals } = readArgs(args, {
      options: OPTIONS,
      positionals: { min: 1, max: 1, names: 'a FILE, or - for standard input' },
    })
    const { json, ...defaults } = values
    const file = parsed(await readSource(positionals[0] ?? '', stdin), defaults)
    if (file.items.length === 0) throw new UsageError('there is no row of spend in it')
    const registry = await openRegistry({ store, now })
    const receipt = await receiveSpend(file.items, { registry, now: now() })
    stdout.write(json ? `${JSON.stringify({ ...receipt, sums: file.sums })}\n` : summary(receipt, file))
    if (!json && receipt.accepted + receipt.corrected > 0) stdout.write(SEEN_SOON)
    return receipt.rejected.length > 0 ? 1 : 0
  },
}
