import { createReadStream, statSync } from 'node:fs'
import { EVENT_TYPES } from '../../sdk/wire.ts'
import { type ConfigVersion, type LedgerEvent, VERDICTS, WITNESSES } from '../store/store.ts'
import { type Command, readArgs, UsageError } from './cli.ts'
import { HEADER } from './exportLedger.ts'
import { linesOf } from './lines.ts'
import { progressBar } from './progress.ts'

const GROUP = 1_000
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const CONFIG_KINDS = ['site', 'campaign', 'terms']

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const oneOf = (names: readonly string[]) => (value: unknown) => names.includes(value as string)
const isText = (value: unknown) => typeof value === 'string'

/** What a row must be for the store to hold it; everything else in it is as it was. */
const FIELDS: [name: string, check: (value: unknown) => boolean, rule: string][] = [
  ['id', (value) => typeof value === 'string' && UUID.test(value), 'must be a UUID in lower case'],
  ['type', oneOf(EVENT_TYPES), `must be one of ${EVENT_TYPES.join(', ')}`],
  ['site', isText, 'must be a string'],
  ['campaign', isText, 'must be a string, empty for none'],
  ['occurredAt', Number.isSafeInteger, 'must be ms since 1970'],
  ['receivedAt', Number.isSafeInteger, 'must be ms since 1970'],
  ['verdict', oneOf(VERDICTS), `must be one of ${VERDICTS.join(', ')}`],
  ['witness', oneOf(WITNESSES), `must be one of ${WITNESSES.join(', ')}`],
  ['tags', isObject, 'must be an object'],
  ['viewable', (value) => typeof value === 'boolean', 'must be true or false'],
  ['evidence', isObject, 'must be an object'],
  [
    'valueMinor',
    (value) => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0),
    'must be an integer of minor units',
  ],
  ['currency', (value) => value === undefined || typeof value === 'string', 'must be a string'],
]

type Line = { event: LedgerEvent } | { config: ConfigVersion }

/** A line, checked. Throws UsageError with the number of the line, the field and what it must be. */
function readLine({ number, text }: { number: number; text: string }): Line {
  const fail = (message: string): never => {
    throw new UsageError(`line ${number}: ${message}`)
  }
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return fail('is not JSON')
  }
  if (!isObject(line)) return fail('must be an object')
  const { event, config } = line
  if (isObject(config)) {
    if (!CONFIG_KINDS.includes(String(config.kind))) return fail(`config.kind must be one of ${CONFIG_KINDS.join(', ')}`)
    if (!isText(config.id) || !Number.isSafeInteger(config.at)) return fail('config must have id and at')
    return { config: config as unknown as ConfigVersion }
  }
  if (!isObject(event)) return fail('must have "event" or "config"')
  for (const [name, check, rule] of FIELDS) if (!check(event[name])) return fail(`event.${name} ${rule}`)
  const { seq, replaces, ...rest } = event
  return { event: rest as unknown as LedgerEvent }
}

export const importLedger: Command = {
  summary: 'reads what "tallymark export" wrote',
  help: `tallymark import FILE|-

Adds configuration and events of an export, from standard input with "-". Each event counts once, so that an import may be repeated and
stores may be joined. Stops at the first line that is wrong, naming it; what came before it is in the store.

  gunzip -c ledger.ndjson.gz | tallymark import -
`,
  async run({ args, store, now, stdout, stderr }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: 'FILE, or - for standard input' } })
    const [path = '-'] = positionals
    if (path !== '-' && !statSync(path, { throwIfNoEntry: false })) throw new UsageError(`there is no file ${path}`)
    const size = path === '-' ? 0 : statSync(path).size
    const source = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 20 })
    const known = new Set((await store.config()).map((version) => JSON.stringify(version)))
    const bar = progressBar({ stderr, now, what: 'Importing bytes' })
    let bytes = 0
    let read = 0
    let added = 0
    let group: LedgerEvent[] = []
    async function commit(): Promise<void> {
      if (group.length === 0) return
      for (const outcome of await store.append(group)) if (outcome === 'accepted') added += 1
      group = []
      bar.update(bytes, size)
    }
    for await (const line of linesOf(source as AsyncIterable<Uint8Array>)) {
      bytes += line.text.length + 1
      if (line.number === 1) {
        readHeader(line.text)
        continue
      }
      const content = readLine(line)
      if ('config' in content) {
        const { kind, id, at, value } = content.config
        if (!known.has(JSON.stringify({ kind, id, at, value }))) await store.putConfig({ kind, id, at, value })
        continue
      }
      read += 1
      group.push(content.event)
      if (group.length === GROUP) await commit()
    }
    await commit()
    bar.end()
    stdout.write(`${read.toLocaleString('en')} rows read, ${added.toLocaleString('en')} events added.\n`)
    return 0
  },
}

function readHeader(text: string): void {
  try {
    const { tallymark, version } = JSON.parse(text)
    if (tallymark === HEADER.tallymark && version === HEADER.version) return
  } catch {
    // no JSON: said below
  }
  throw new UsageError('line 1: must be the header of a file that "tallymark export" wrote')
}
