import { merge } from '../merge.ts'
import type { FailedEvent, LedgerEvent, LedgerRow, Outcome } from '../store.ts'
import type { CounterTable } from './counters.ts'
import type { Database } from './database.ts'
import type { FailedEvents } from './failed.ts'
import { keyOf } from './keys.ts'
import { decodeRow, encodeRow, type Numbers, numbersOf, ROW_COLUMNS } from './rows.ts'
import { openTally, tallyTable } from './tally.ts'
import type { Texts } from './texts.ts'
import { transaction } from './transaction.ts'
import { uuidBytes, uuidText } from './uuid.ts'

export interface WriterParts {
  texts: Texts
  counters: CounterTable
  failedEvents: FailedEvents
}

/** The one writer: puts a group of events into ledger, indexes, totals and counters in one durable transaction. */
export function openWriter(
  database: Database,
  { texts, counters, failedEvents }: WriterParts,
): (entries: (LedgerEvent | FailedEvent)[]) => Outcome[] {
  const tally = openTally(tallyTable(database, 'totals'), texts)
  const lastSeq = database.prepare('SELECT coalesce(max(seq), 0) AS seq FROM ledger')
  const claimId = database.prepare('INSERT INTO current (id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const moveCurrent = database.prepare('UPDATE current SET seq = ? WHERE id = ?')
  const currentRow = database.prepare(`SELECT ${ROW_COLUMNS} FROM ledger WHERE seq = (SELECT seq FROM current WHERE id = ?)`)
  const claimKey = database.prepare('INSERT INTO keys (site, kind, key, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const freeKey = database.prepare('DELETE FROM keys WHERE site = ? AND kind = ? AND key = ?')
  const keyOwner = database.prepare('SELECT id FROM keys WHERE site = ? AND kind = ? AND key = ?')
  const insertRow = database.prepare(`INSERT INTO ledger (${ROW_COLUMNS}) VALUES (${ROW_COLUMNS.replaceAll(/\w+/g, '?')})`)
  const dataVersion = database.prepare('PRAGMA data_version')
  let nextSeq = 0

  function append(event: LedgerEvent, numbers: Numbers, replaces: number | null): void {
    insertRow.run(...encodeRow(event, { seq: nextSeq++, replaces, numbers }))
  }

  function ownerOf(event: LedgerEvent): string | null {
    const named = keyOf(event)
    const owner = named && keyOwner.get(texts.idOf(event.site), named.kind, named.key)
    return owner ? uuidText(owner.id as Uint8Array) : null
  }

  /** False when another event holds the order or lead already. */
  function claim(event: LedgerEvent): boolean {
    const named = keyOf(event)
    if (!named) return true
    const owner = ownerOf(event)
    if (owner !== null) return owner === event.id
    claimKey.run(texts.idOf(event.site), named.kind, named.key, uuidBytes(event.id))
    return true
  }

  /** What does not count any more, or is known by another order now, must not stand in the way of what does. */
  function release(event: LedgerEvent): void {
    const named = keyOf(event)
    if (named) freeKey.run(texts.idOf(event.site), named.kind, named.key)
  }

  function enrich(known: LedgerRow, report: LedgerEvent): void {
    const { seq, replaces, ...state } = known
    const merged = merge(state, report)
    if (!merged || !claim(merged)) return
    const [before, after] = [keyOf(state), keyOf(merged)]
    if (before && (before.kind !== after?.kind || before.key !== after.key)) release(state)
    const numbers = numbersOf(merged, texts)
    tally.add(state, numbersOf(state, texts), -1)
    tally.add(merged, numbers, 1)
    counters.add(`verdict ${state.verdict}`, -1)
    counters.add(`verdict ${merged.verdict}`, 1)
    moveCurrent.run(nextSeq, uuidBytes(known.id))
    append({ ...merged, receivedAt: report.receivedAt }, numbers, seq)
  }

  function record(event: LedgerEvent): Outcome {
    const id = uuidBytes(event.id)
    const owner = ownerOf(event)
    if (owner === null && claimId.run(id, nextSeq).changes === 1) {
      claim(event)
      const numbers = numbersOf(event, texts)
      append(event, numbers, null)
      tally.add(event, numbers, 1)
      counters.add(`verdict ${event.verdict}`, 1)
      return 'accepted'
    }
    const row = currentRow.get(id) ?? currentRow.get(uuidBytes(owner ?? event.id))
    if (row) enrich(decodeRow(row, texts), event)
    counters.add('duplicates', 1)
    return 'duplicate'
  }

  function take(entry: LedgerEvent | FailedEvent): Outcome {
    if (!('code' in entry)) return record(entry)
    failedEvents.add(entry)
    counters.add(`failed ${entry.code}`, 1)
    return 'failed'
  }

  function forget(): void {
    for (const part of [tally, texts, counters, failedEvents]) part.forget()
  }

  let seenVersion: unknown
  return (entries) => {
    try {
      return transaction(database, () => {
        const version = dataVersion.get()?.data_version
        if (version !== seenVersion) forget() // another process wrote: what was learned may be out of date
        seenVersion = version
        nextSeq = Number(lastSeq.get()?.seq) + 1
        const outcomes = entries.map(take)
        counters.add('received', entries.length)
        tally.write()
        counters.write()
        return outcomes
      })
    } catch (error) {
      forget()
      throw error
    }
  }
}
