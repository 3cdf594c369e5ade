import type { LedgerRow } from '../../../collector/store/store.ts'
import type { Engine, Profile } from '../engines/engine.ts'
import type { Place } from '../place.ts'
import type { Row } from './rows.ts'
import { newVisitor } from './visitor.ts'

/** Long enough for a request on a busy machine and for the back-off before a third attempt; waited only by what is lost. */
const AT_ONCE_MS = 12_000
const NEXT_VISIT_MS = 15_000
/** Where nothing has to arrive, this long it may. */
const PERHAPS_MS = 500

/** What became of the events of one row, in parts of all (0..1). */
export interface Measured {
  row: string
  repetitions: number
  atOnce: number
  byNextVisit: number
  /** Counted more often than they happened. */
  moreThanOnce: number
}

/** How often each event was counted, by what tells it apart. */
function countsOf(events: LedgerRow[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { verdict, tags } of events) if (verdict === 'counted') counts.set(`${tags.content}`, (counts.get(`${tags.content}`) ?? 0) + 1)
  return counts
}

/** Lets `row` happen `repetitions` times, `atATime` visitors at once, each of whom visits again in the end. */
export async function measure(
  row: Row,
  {
    engine,
    profile,
    place,
    repetitions,
    atATime,
  }: { engine: Engine; profile: Profile; place: Place; repetitions: number; atATime: number },
): Promise<Measured> {
  let atOnce = 0
  let next = 0
  const paths: string[] = []

  async function repeat(repetition: number): Promise<void> {
    const endpoint = await row.endpoint?.(place)
    const visitor = await newVisitor({ engine, profile, place }, { row: row.name, repetition, endpoint: endpoint?.address })
    paths.push(visitor.path)
    const isWhole = (events: LedgerRow[]) => countsOf(events).size >= row.events
    const tabs = await row.run(visitor)
    await place.ledger.until(visitor.path, isWhole, row.isAtOnce ? AT_ONCE_MS : PERHAPS_MS)
    atOnce += countsOf(await place.ledger.of(visitor.path)).size
    for (const tab of tabs) await tab.close()
    const again = await visitor.visit()
    await again.evaluate(`tallymark('flush').then(() => true)`)
    await place.ledger.until(visitor.path, isWhole, NEXT_VISIT_MS)
    await again.close()
    await visitor.leave()
    await endpoint?.close()
  }
  const work = async () => {
    while (next < repetitions) await repeat(next++)
  }
  await Promise.all(Array.from({ length: atATime }, work))

  let byNextVisit = 0
  let moreThanOnce = 0
  for (const path of paths) {
    const counts = countsOf(await place.ledger.of(path))
    byNextVisit += counts.size
    for (const count of counts.values()) moreThanOnce += count - 1
  }
  const all = repetitions * row.events
  return { row: row.name, repetitions, atOnce: atOnce / all, byNextVisit: byNextVisit / all, moreThanOnce: moreThanOnce / all }
}
