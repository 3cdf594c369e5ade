import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { Progress, Store } from '../store/store.ts'
import { type Cli, type Command, readArgs, UsageError } from './cli.ts'
import { withProgress } from './progress.ts'

/** Version of the format. */
export const FORMAT = 1

/** First line of an export. */
export interface Header {
  tallymark: typeof FORMAT
  /** `seq` of the last row, 0 when there is none: a file that ends before it was cut off. */
  lastSeq: number
}

/** Not for files that travel: hashes of tokens, secrets of webhooks; nor what was sent from here and would be sent again from there. */
const KEPT_KINDS = ['key', 'secret', 'webhook', 'alert', 'delivery']

/** Rows read at once: more of them are no faster, and all of them are held in memory. */
const PAGE = 500

const lineOf = (value: object) => `${JSON.stringify(value)}\n`

/** The export, piece by piece. Rows are never changed, so the ledger up to a row is the same whenever it is read. */
async function* piecesOf(store: Store, update: Progress): AsyncGenerator<string> {
  const lastSeq = await store.ledgerEnd()
  const header: Header = { tallymark: FORMAT, lastSeq }
  yield lineOf(header)
  for (const config of await store.config()) if (!KEPT_KINDS.includes(config.kind)) yield lineOf({ config })
  for (let afterSeq = 0; afterSeq < lastSeq; ) {
    const rows = (await store.ledger({ afterSeq, limit: PAGE })).filter(({ seq }) => seq <= lastSeq)
    yield rows.map((event) => lineOf({ event })).join('')
    afterSeq = rows.at(-1)?.seq ?? lastSeq
    update(afterSeq, lastSeq)
  }
}

/** Writes to a new file that is on the disk when this resolves; none is left when it rejects. */
async function writeFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const file = createWriteStream(path, { flags: 'wx', flush: true })
  try {
    await pipeline(pieces, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new UsageError(`${path} is there already; name another file, or move it away`)
    }
    await rm(path, { force: true })
    throw error
  }
}

async function writeOut(stdout: Cli['stdout'], pieces: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(pieces, stdout, { end: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    throw new UsageError('what reads the export ended before it was whole')
  }
}

export const exportLedger: Command = {
  summary: 'writes configuration and ledger as lines of JSON',
  help: `tallymark export [FILE]

Writes one JSON object a line: a header, each version of the configuration but keys, secrets, webhooks and alerts, each row of the ledger in
its order. To standard output without FILE; an existing FILE is left as it is. "tallymark import" reads it. A collector may go on taking
events: the export is the ledger as it was at the start. What TALLYMARK_RETENTION_DAYS took out of the ledger is not in it;
"tallymark backup" copies all.

  {"tallymark": 1, "lastSeq": 2}
  {"config": {"kind": "site", "id": "shop", "at": …, "value": {…}}}
  {"event": {"seq": 1, "id": …, "type": "click", …}}
  {"event": {"seq": 2, "replaces": 1, …}}    a later report of the same event filled empty fields

Example:
  tallymark export | gzip > ledger.ndjson.gz
`,
  async run({ args, store, now, stdout, stderr }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 0, max: 1, names: 'at most one FILE' } })
    const [path] = positionals
    await withProgress({ stderr, now, what: 'Exporting' }, async (update) => {
      const pieces = piecesOf(store, update)
      await (path === undefined ? writeOut(stdout, pieces) : writeFile(path, pieces))
    })
    return 0
  },
}
