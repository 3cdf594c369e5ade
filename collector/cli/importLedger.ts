import { createReadStream, statSync } from 'node:fs'
import type { LedgerEvent, Progress, Store } from '../store/store.ts'
import { type Cli, type Command, readArgs, UsageError } from './cli.ts'
import { SEEN_SOON } from './configure.ts'
import { linesOf } from './lines.ts'
import { count, withProgress } from './progress.ts'
import { readHeader, readLine } from './readLine.ts'

/** Events in one commit: a collector that runs on the same file waits for no more than that. */
const GROUP = 1_000

/** Large enough that waiting for the disk costs nothing, small enough not to matter in memory. */
const CHUNK_BYTES = 262_144

function openSource(path: string, stdin: Cli['stdin']): AsyncIterable<Uint8Array> {
  if (path === '-') return stdin
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new UsageError(`there is no file ${path}`)
  if (found.isDirectory()) throw new UsageError(`${path} is a folder; name a file that "tallymark export" wrote`)
  return createReadStream(path, { highWaterMark: CHUNK_BYTES })
}

/** Puts configuration versions that the store does not have yet. */
async function configPutter(store: Store) {
  const nameOf = ({ kind, id, at, value }: Parameters<Store['putConfig']>[0]) => JSON.stringify([kind, id, at, value])
  const known = new Set((await store.config()).map(nameOf))
  return async (version: Parameters<Store['putConfig']>[0]): Promise<number> => {
    if (known.has(nameOf(version))) return 0
    known.add(nameOf(version))
    await store.putConfig(version)
    return 1
  }
}

/** What an import read, and what of it was new. */
interface Imported {
  rows: number
  events: number
  config: number
}

async function importLines(source: AsyncIterable<Uint8Array>, { store, update }: { store: Store; update: Progress }): Promise<Imported> {
  const put = await configPutter(store)
  const imported: Imported = { rows: 0, events: 0, config: 0 }
  let lastSeq: number | undefined
  let seq = 0
  let group: LedgerEvent[] = []

  async function commit(): Promise<void> {
    for (const outcome of await store.append(group)) if (outcome === 'accepted') imported.events += 1
    imported.rows += group.length
    group = []
    update(seq, lastSeq ?? 0)
  }
  async function take(text: string, number: number): Promise<void> {
    if (lastSeq === undefined) lastSeq = readHeader(text).lastSeq
    else if (text !== '' && text !== '\r') {
      const line = readLine(text, number)
      if ('config' in line) imported.config += await put(line.config)
      else {
        seq = line.event.seq
        group.push(line.event)
        if (group.length === GROUP) await commit()
      }
    }
  }
  try {
    for await (const { number, texts } of linesOf(source)) for (let i = 0; i < texts.length; i++) await take(texts[i] ?? '', number + i)
  } finally {
    if (group.length > 0) await commit() // what stands before a line that is wrong is taken
  }
  if (lastSeq === undefined) throw new UsageError('line 1: is missing; there is nothing to import')
  if (seq < lastSeq)
    throw new UsageError(`the file is cut off: its last row is ${count(seq)} of ${count(lastSeq)}; what it has is imported`)
  return imported
}

export const importLedger: Command = {
  summary: 'reads what "tallymark export" wrote',
  makesStore: true,
  help: `tallymark import FILE|-

Adds configuration and events of an export, from standard input with "-". An event counts once, whatever it was imported from and however
often, so an import that was stopped may be repeated, and stores may be joined. Versions of the configuration that the store does not have
are added behind its own, and hold from then on. Stops at the first line that is wrong and names it; what stands before it is imported.
A collector may go on taking events.

Example:
  gunzip -c ledger.ndjson.gz | TALLYMARK_STORE=sqlite:new.db tallymark import -
`,
  async run({ args, store, now, stdin, stdout, stderr }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 1, max: 1, names: 'a FILE, or - for standard input' } })
    const source = openSource(positionals[0] ?? '-', stdin)
    const { rows, events, config } = await withProgress({ stderr, now, what: 'Importing' }, (update) =>
      importLines(source, { store, update }),
    )
    stdout.write(`${count(rows)} rows read, ${count(events)} events and ${count(config)} versions of the configuration added.\n`)
    if (config > 0) stdout.write(SEEN_SOON)
    return 0
  },
}
