import { parseEvent, WireError } from '../../sdk/wire.ts'
import { ledgerEvent } from '../ingest/ledgerEvent.ts'
import { openRegistry, type Registry } from '../registry.ts'
import type { FailedEvent, LedgerEvent, Progress, Store } from '../store/store.ts'
import { type Command, readArgs } from './cli.ts'
import { withProgress } from './progress.ts'
import { table } from './table.ts'

const PAGE = 1_000

/** Refused for who sent it. The list does not say which origin that was, so nothing can be checked again: only on demand. */
const ON_DEMAND = 'origin_not_allowed'

/** What became of the events that failed for one reason. */
interface Outcome {
  /** With which they failed. */
  code: string
  now: 'accepted' | 'duplicate' | 'still failing' | 'left alone'
  /** Why it still fails, '' otherwise. */
  reason: string
  events: number
}

/** The site that an event names for itself, since it was not known when it came. '' for none. */
function siteIn(body: string): string {
  try {
    const { site } = JSON.parse(body)
    return typeof site === 'string' ? site : ''
  } catch {
    return '' // no JSON, or no object
  }
}

/** The event that a failed one makes now, or why it still makes none. Of its sender only the site is known. */
function tryAgain({ code, site: kept, body, receivedAt }: FailedEvent, registry: Registry): LedgerEvent | string {
  const id = kept || siteIn(body)
  const site = registry.site(id)
  if (!site) return id === '' ? 'its site is not known' : `there is no site "${id}"`
  const agent = { isBot: false, isHeadless: false, device: undefined }
  const circumstances = { origin: 'allowed' as const, agent, isPrefetch: false, allowsAutomation: site.allow.includes('automation') }
  const { windowsAt, termsAt } = registry
  const envelope = { ...circumstances, site: id, sentAt: undefined, receivedAt, witness: 'browser' as const, windowsAt, termsAt }
  try {
    return ledgerEvent(parseEvent(JSON.parse(body)), envelope) ?? 'occurredAt must be at most 7 days before it came'
  } catch (error) {
    if (error instanceof WireError) return error.message
    if (error instanceof SyntaxError) return code === 'too_large' ? 'only its first 8 KiB are kept' : 'is not JSON'
    throw error
  }
}

/** Goes once over the list. Committed before it leaves the list: stopped in between, an event is tried again and counts once. */
async function replayFailed(
  isWanted: (code: string) => boolean,
  { store, registry, update }: { store: Store; registry: Registry; update: Progress },
): Promise<Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const add = (code: string, now: Outcome['now'], reason = '') => {
    const key = JSON.stringify([code, now, reason])
    const known = outcomes.get(key)
    if (known) known.events += 1
    else outcomes.set(key, { code, now, reason, events: 1 })
  }
  for (let afterSeq = 0, done = 0; ; ) {
    const page = await store.failed({ afterSeq, limit: PAGE })
    const taken: { seq: number; code: string; event: LedgerEvent }[] = []
    for (const failed of page) {
      const event = isWanted(failed.code) ? tryAgain(failed, registry) : undefined
      if (event === undefined) add(failed.code, 'left alone')
      else if (typeof event === 'string') add(failed.code, 'still failing', event)
      else taken.push({ seq: failed.seq, code: failed.code, event })
    }
    if (taken.length > 0) {
      const appended = await store.append(taken.map(({ event }) => event))
      for (const [i, { code }] of taken.entries()) add(code, appended[i] === 'accepted' ? 'accepted' : 'duplicate')
      await store.dropFailed(taken.map(({ seq }) => seq))
    }
    const last = page.at(-1)
    if (!last) return [...outcomes.values()]
    afterSeq = last.seq
    done += page.length
    update(done, 0)
  }
}

function report(outcomes: Outcome[]): string {
  if (outcomes.length === 0) return 'There are no failed events.\n'
  const sorted = outcomes.toSorted((a, b) => (a.code === b.code ? b.events - a.events : a.code < b.code ? -1 : 1))
  const hint = outcomes.some(({ now }) => now === 'left alone')
    ? 'What was left alone is replayed when its code is named: --code CODE.\n'
    : ''
  return (
    table(
      ['failed with', 'events', 'now', 'reason'],
      sorted.map(({ code, events, now, reason }) => [code, events, now, reason]),
    ) + hint
  )
}

export const replay: Command = {
  summary: 'puts events that failed through again',
  help: `tallymark replay [--code CODE]… [--json]

Tries each event that failed once more, with the time at which it came: after an upgrade that reads more, or when its site is there now. What
is taken leaves the list of failed events; what still fails stays, with its reason. An event counts once, however often it is replayed.

The list does not hold who sent an event, so bots and limits on clicks are not looked at again. Events of an origin that was not allowed are
therefore left alone unless --code ${ON_DEMAND} asks for them.

Options:
  --code CODE    only events that failed with this code, like invalid_event; may be repeated
  --json         {"outcomes": [{"code", "now": "accepted|duplicate|still failing|left alone", "reason", "events"}]}

Example:
  tallymark replay --code invalid_event
`,
  async run({ args, store, now, stdout, stderr }) {
    const options = { code: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const
    const { values } = readArgs(args, { options, positionals: { min: 0, max: 0, names: '' } })
    const isWanted = (code: string) => (values.code ? values.code.includes(code) : code !== ON_DEMAND)
    const registry = await openRegistry({ store, now })
    const outcomes = await withProgress({ stderr, now, what: 'Replaying' }, (update) => replayFailed(isWanted, { store, registry, update }))
    stdout.write(values.json ? `${JSON.stringify({ outcomes })}\n` : report(outcomes))
    return 0
  },
}
