import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { type Command, readArgs, UsageError } from './cli.ts'
import { progressBar } from './progress.ts'

/** First line of an export: what it is, and in which version of the format. */
export const HEADER = { tallymark: 'ledger', version: 1 }

/** Not for files that travel: hashes of tokens. */
const SECRET_KINDS = ['key', 'secret']

const PAGE = 2_000

/** Writes, and waits while whoever reads is slower. */
async function writeAll(out: Writable, text: string): Promise<void> {
  if (!out.write(text)) await once(out, 'drain')
}

export const exportLedger: Command = {
  summary: 'writes configuration and ledger as NDJSON',
  help: `tallymark export [FILE]

Writes one JSON object a line: a header, each version of the configuration (without keys and secrets), each row of the ledger in its
order. To standard output without FILE. "tallymark import" reads it.

  tallymark export | gzip > ledger.ndjson.gz
`,
  async run({ args, store, now, stdout, stderr }) {
    const { positionals } = readArgs(args, { options: {}, positionals: { min: 0, max: 1, names: 'at most one FILE' } })
    const [path] = positionals
    if (path !== undefined && existsSync(path)) throw new UsageError(`${path} is there already; name another file, or move it away`)
    const out = path === undefined ? (stdout as Writable) : createWriteStream(path)
    const bar = progressBar({ stderr, now, what: 'Exporting' })
    const total = await store.ledgerEnd()
    await writeAll(out, `${JSON.stringify(HEADER)}\n`)
    for (const version of await store.config()) {
      if (!SECRET_KINDS.includes(version.kind)) await writeAll(out, `${JSON.stringify({ config: version })}\n`)
    }
    for (let afterSeq = 0; afterSeq < total; ) {
      const rows = await store.ledger({ afterSeq, limit: PAGE })
      await writeAll(out, rows.map((event) => `${JSON.stringify({ event })}\n`).join(''))
      afterSeq = rows.at(-1)?.seq ?? total
      bar.update(afterSeq, total)
    }
    if (path !== undefined) {
      out.end()
      await once(out, 'finish')
    }
    bar.end()
    return 0
  },
}
