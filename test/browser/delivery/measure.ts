import type { LedgerRow } from '../../../collector/store/store.ts'
import type { Engine, Profile, Tab } from '../engines/engine.ts'
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

/** Lets `row` happen `repetitions` times, in all `tabs` at once; each visitor visits again in the end. A tab that was closed is replaced. */
export async function measure(
  row: Row,
  { engine, profile, place, repetitions, tabs }: { engine: Engine; profile: Profile; place: Place; repetitions: number; tabs: Tab[] },
): Promise<Measured> {
  let atOnce = 0
  let next = 0
  const paths: string[] = []

  /** Resolves with the tab of the last visit, for the next visitor. */
  async function repeat(repetition: number, first: Tab): Promise<Tab> {
    const endpoint = await row.endpoint?.(place)
    const visitor = await newVisitor({ engine, profile, place }, { row: row.name, repetition, endpoint: endpoint?.address })
    paths.push(visitor.path)
    const isWhole = (events: LedgerRow[]) => countsOf(events).size >= row.events
    const [tab = await profile.newTab(), ...others] = await row.run(visitor, first)
    await place.ledger.until(visitor.path, isWhole, row.isAtOnce ? AT_ONCE_MS : PERHAPS_MS)
    atOnce += countsOf(await place.ledger.of(visitor.path)).size
    for (const other of others) await other.close()
    await visitor.visit(tab)
    await tab.evaluate(`tallymark('flush').then(() => true)`)
    await place.ledger.until(visitor.path, isWhole, NEXT_VISIT_MS)
    await tab.goto('about:blank') // and nothing of this visitor's page goes on
    await visitor.leave()
    await endpoint?.close()
    return tab
  }
  const work = async (_: Tab, i: number) => {
    while (next < repetitions) tabs[i] = await repeat(next++, tabs[i] as Tab)
  }
  await Promise.all(tabs.map(work))

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
