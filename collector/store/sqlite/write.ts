import { isOverruled, merge } from '../merge.ts'
import type { FailedEvent, LedgerEvent, LedgerRow, Outcome } from '../store.ts'
import type { Archive } from './archive.ts'
import { gatherCells } from './cells.ts'
import type { Corrections } from './corrections.ts'
import type { CounterTable } from './counters.ts'
import type { Database } from './database.ts'
import type { FailedEvents } from './failed.ts'
import { openInsertRows } from './insertRows.ts'
import { keyOf } from './keys.ts'
import type { Recent } from './recent.ts'
import { decodeRow, encodeRow, INSERT_LATER_ROW, type Names, PRESENT_ROW } from './rows.ts'
import type { Series } from './series.ts'
import { transaction } from './transaction.ts'
import { uuidBytes, uuidText } from './uuid.ts'

export interface WriterParts extends Names {
  archive: Archive
  corrections: Corrections
  counters: CounterTable
  failedEvents: FailedEvents
  recent: Recent
}

export interface Writer {
  /** Puts a group of events into ledger, indexes, sums and counters in one durable transaction. */
  append(entries: (LedgerEvent | FailedEvent)[]): Outcome[]
  /** Gives events of the ledger later states, in one durable transaction. `now`: when, ms. */
  revise<Result>(now: number, work: (revision: Revision) => Result): Result
}

/** What may be done within a revision. */
export interface Revision {
  /** The present state of an event, by its id. */
  find(id: string): LedgerRow | undefined
  /** Adds a later state of it; its order or lead stays the same. */
  put(known: LedgerRow, after: LedgerEvent): void
}

/** The one writer. */
export function openWriter(
  database: Database,
  { series, texts, archive, corrections, counters, failedEvents, recent }: WriterParts,
): Writer {
  const cells = gatherCells()
  const insertRows = openInsertRows(database)
  const insertLaterRow = database.prepare(INSERT_LATER_ROW)
  const setHead = database.prepare('INSERT INTO heads (id, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq')
  const presentRow = database.prepare(PRESENT_ROW)
  const claimKey = database.prepare('INSERT INTO keys (site, kind, key, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const freeKey = database.prepare('DELETE FROM keys WHERE site = ? AND kind = ? AND key = ?')
  const keyOwner = database.prepare('SELECT id FROM keys WHERE site = ? AND kind = ? AND key = ?')
  const dataVersion = database.prepare('PRAGMA data_version')

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

  function sum(event: LedgerEvent, one: Series, sign: 1 | -1): void {
    cells.add(event, one, sign)
    counters.add(`verdict ${event.verdict}`, sign)
  }

  function put({ seq, replaces, ...before }: LedgerRow, after: LedgerEvent, receivedAt: number): void {
    const later = series.of(after)
    sum(before, series.of(before), -1)
    sum(after, later, 1)
    const row = encodeRow({ ...after, receivedAt }, later, texts)
    setHead.run(uuidBytes(before.id), insertLaterRow.run(seq, ...row).lastInsertRowid)
    corrections.follow(before, after)
  }

  function enrich(known: LedgerRow, report: LedgerEvent): void {
    const { seq, replaces, ...state } = known
    const merged = merge(state, report)
    if (!merged || !claim(merged)) return
    const [before, after] = [keyOf(state), keyOf(merged)]
    if (before && (before.kind !== after?.kind || before.key !== after.key)) release(state)
    put(known, merged, report.receivedAt)
  }

  function find(id: string): LedgerRow | undefined {
    const row = presentRow.get(uuidBytes(id))
    return row && decodeRow(row, { series, texts })
  }

  /** What is known already counts no more, but may add what only it knows. */
  function repeat(event: LedgerEvent, owner?: string): Outcome {
    const known = find(event.id) ?? (owner === undefined ? undefined : find(owner))
    if (known) enrich(known, event)
    counters.add('duplicates', 1)
    return known && isOverruled(known, event) ? 'conflict' : 'duplicate'
  }

  /** Events that claim nothing: whether one is new the ledger alone says, so that many go in at once. */
  function recordMany(events: LedgerEvent[]): Outcome[] {
    const ofEach = events.map((event) => series.of(event))
    const isNew = insertRows(events.map((event, i) => encodeRow(event, ofEach[i] as Series, texts)))
    return events.map((event, i) => {
      if (!isNew[i]) return repeat(event)
      sum(event, ofEach[i] as Series, 1)
      return 'accepted'
    })
  }

  function record(event: LedgerEvent): Outcome {
    const owner = ownerOf(event)
    if (owner !== null) return repeat(event, owner)
    if (archive.has(event.id)) return repeat(event)
    const [outcome = 'duplicate'] = recordMany([event])
    if (outcome === 'accepted') {
      claim(event)
      if (event.verdict === 'pending' || event.evidence.adjustments) corrections.follow(undefined, event)
    }
    return outcome
  }

  const claimsNothing = (entry: LedgerEvent | FailedEvent): entry is LedgerEvent =>
    !('code' in entry) && keyOf(entry) === null && !archive.has(entry.id)

  /** One outcome an entry, in their order. */
  function takeAll(entries: (LedgerEvent | FailedEvent)[]): Outcome[] {
    const outcomes: Outcome[] = []
    let many: LedgerEvent[] = []
    const recordThose = () => {
      outcomes.push(...recordMany(many))
      many = []
    }
    for (const entry of entries) {
      if (claimsNothing(entry)) {
        many.push(entry)
        continue
      }
      recordThose()
      outcomes.push(take(entry))
    }
    recordThose()
    return outcomes
  }

  function take(entry: LedgerEvent | FailedEvent): Outcome {
    if (!('code' in entry)) return record(entry)
    failedEvents.add(entry)
    counters.add(`failed ${entry.code}`, 1)
    return 'failed'
  }

  function forget(): void {
    cells.take()
    for (const part of [series, texts, archive, counters, failedEvents, recent]) part.forget()
  }

  let seenVersion: unknown
  /** `at`: the time of what is written last, ms. */
  function write<Result>(at: number, work: () => Result): Result {
    try {
      return transaction(database, () => {
        const version = dataVersion.get()?.data_version
        if (version !== seenVersion) forget() // another process wrote: what was learned may be out of date
        seenVersion = version
        const result = work()
        recent.add(cells.take(), at)
        counters.write()
        return result
      })
    } catch (error) {
      forget()
      throw error
    }
  }

  return {
    append: (entries) =>
      write(entries.at(-1)?.receivedAt ?? 0, () => {
        const outcomes = takeAll(entries)
        counters.add('received', entries.length)
        return outcomes
      }),
    revise: (now, work) => write(now, () => work({ find, put: (known, after) => put(known, after, now) })),
  }
}
