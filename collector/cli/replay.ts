import { parseEvent, WireError } from '../../sdk/wire.ts'
import { ledgerEvent } from '../ingest/ledgerEvent.ts'
import { openRegistry, type Registry } from '../registry.ts'
import type { FailedEvent, LedgerEvent, Outcome } from '../store/store.ts'
import { type Command, readArgs } from './cli.ts'
import { progressBar } from './progress.ts'
import { table } from './table.ts'

const PAGE = 1_000

/** The event that a failed one is now, or why it still is none. Its time is that of its receipt; of its sender nothing is known. */
function tryAgain({ site, body, receivedAt }: FailedEvent, registry: Registry): LedgerEvent | string {
  if (!registry.site(site)) return 'unknown_site'
  try {
    const agent = { isBot: false, isHeadless: false, device: undefined }
    const circumstances = { origin: 'allowed' as const, agent, isPrefetch: false, allowsAutomation: false }
    const envelope = { ...circumstances, site, sentAt: undefined, receivedAt, witness: 'browser' as const, windowsAt: registry.windowsAt }
    return ledgerEvent(parseEvent(JSON.parse(body)), envelope) ?? 'too_old'
  } catch (error) {
    if (error instanceof WireError) return `${error.code} ${error.field}`
    return 'invalid_json' // SyntaxError: the body was cut off, or never JSON
  }
}

export const replay: Command = {
  summary: 'puts failed events through again',
  help: `tallymark replay [--json]

Tries each event that failed once more, as when its site was made later or its origin allowed. What is taken now is removed from the list of
failed events, with the time at which it came; what still fails stays, with its reason.

  --json    {"rows": [{"code", "now", "events"}]}
`,
  async run({ args, store, now, stdout, stderr }) {
    const { values } = readArgs(args, { options: { json: { type: 'boolean' } }, positionals: { min: 0, max: 0, names: '' } })
    const registry = await openRegistry({ store, now })
    const bar = progressBar({ stderr, now, what: 'Replaying' })
    const rows = new Map<string, number>()
    const add = (code: string, result: string) => {
      const key = JSON.stringify([code, result])
      rows.set(key, (rows.get(key) ?? 0) + 1)
    }
    let done = 0
    for (let afterSeq = 0; ; ) {
      const page = await store.failed({ afterSeq, limit: PAGE })
      if (page.length === 0) break
      const taken: { failed: (typeof page)[number]; event: LedgerEvent }[] = []
      for (const failed of page) {
        const result = tryAgain(failed, registry)
        if (typeof result === 'string') add(failed.code, `still fails: ${result}`)
        else taken.push({ failed, event: result })
      }
      // Committed before it leaves the list: stopped in between, it is tried again and counts once.
      const outcomes: Outcome[] = await store.append(taken.map(({ event }) => event))
      outcomes.forEach((outcome, i) => {
        add(taken[i]?.failed.code ?? '', outcome)
      })
      await store.dropFailed(taken.map(({ failed }) => failed.seq))
      afterSeq = page.at(-1)?.seq ?? afterSeq
      done += page.length
      bar.update(done, 0)
    }
    bar.end()
    const list = [...rows].map(([key, events]) => [...(JSON.parse(key) as [string, string]), events] as [string, string, number])
    if (values.json) stdout.write(`${JSON.stringify({ rows: list.map(([code, result, events]) => ({ code, now: result, events })) })}\n`)
    else stdout.write(list.length === 0 ? 'There are no failed events.\n' : table(['failed with', 'now', 'events'], list))
    return 0
  },
}
