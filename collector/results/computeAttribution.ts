import { setImmediate } from 'node:timers/promises'
import { apportion } from '../attribution/apportion.ts'
import { credits } from '../attribution/credits.ts'
import { eligibleTouches } from '../attribution/eligibleTouches.ts'
import { namedCampaign } from '../attribution/namedCampaign.ts'
import { RefusalError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { LedgerEvent, PageEnd, Store } from '../store/store.ts'
import { type AttributionAnswer, type AttributionGroup, emptyGroup, NO_COST, toRows, totalOf } from './attributionRows.ts'
import type { CreditQuery } from './creditQuery.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import { NONE, type ResultsQuery } from './query.ts'

/** Events in the range of one report, conversions and all others: some 10 s of reading on two cores, in short pieces. */
const MAX_EVENTS = 2_000_000

/** Rows of one report: some 20 MB. */
const MAX_ROWS = 50_000

const QUARTER_MS = 900_000

interface Dependencies {
  store: Store
  registry: Registry
  now: number
}

/** Part of a conversion: whom it goes to, in millionths, with its part of the value. */
interface Part {
  campaign: string
  tags: Partial<Record<string, string>>
  micros: bigint
  valueMinor: bigint
}

/** A conversion's parts under a model. What no touch has a claim on goes where the ledger has it, whole. */
function partsOf(event: LedgerEvent, { model, halfLifeMs, registry }: CreditQuery & { registry: Registry }): Part[] {
  const { occurredAt, evidence, campaign, tags } = event
  const valueMinor = BigInt(event.type === 'purchase' ? (event.valueMinor ?? 0) : 0)
  const touches = eligibleTouches(evidence.touches ?? [], { occurredAt, named: namedCampaign(event), windowsAt: registry.windowsAt })
  if (touches.length === 0) return [{ campaign, tags: ownTags(tags), micros: 1_000_000n, valueMinor }]
  const micros = credits(
    touches.map(({ at }) => at),
    { model, halfLifeMs },
  )
  const values = apportion(valueMinor, micros)
  return touches.map(({ campaign, placement, source, medium, content, term }, i) => ({
    campaign,
    tags: { placement, source, medium, content, term } as Part['tags'],
    micros: micros[i] ?? 0n,
    valueMinor: values[i] ?? 0n,
  }))
}

const ownTags = ({ placement, source, medium, content, term }: LedgerEvent['tags']) =>
  ({ placement, source, medium, content, term }) as Part['tags']

/** The day of an instant in a zone. Days of every zone begin on a quarter of an hour UTC, so one look at the calendar does for each. */
function dayFinder(tz: string): (at: number) => string {
  const days = new Map<number, string>()
  return (at) => {
    const quarter = Math.floor(at / QUARTER_MS)
    const day = days.get(quarter) ?? dayOf(at, tz)
    days.set(quarter, day)
    return day
  }
}

/** How many events the ledger may have to be read for, and how many conversions the totals have. Throws RefusalError beyond the bound. */
async function conversionsInTotals(campaigns: string[], { from, to, store }: { from: number; to: number; store: Store }): Promise<number> {
  let [events, conversions] = [0, 0]
  for (const campaign of campaigns) {
    for (const { type, count } of await store.totals({ campaign, edges: [from, to], dimensions: [] })) {
      events += count
      if (type === 'signup' || type === 'purchase') conversions += count
    }
  }
  if (events > MAX_EVENTS)
    throw new RefusalError(
      'range_too_large',
      `from and to span ${events} events; a report by touches reads at most ${MAX_EVENTS}, so ask for fewer days`,
      'from',
    )
  return conversions
}

/** Every counted conversion of some campaigns in a range (ms), page by page, letting others go first between pages. */
async function* conversionsOf(
  campaigns: string[],
  { from, to, store }: { from: number; to: number; store: Store },
): AsyncGenerator<LedgerEvent> {
  for (const campaign of campaigns) {
    let after: PageEnd | undefined
    do {
      const page = await store.countedEvents({ campaign, types: ['signup', 'purchase'], from, to, ...(after && { after }) })
      yield* page.events
      after = page.next
      await setImmediate()
    } while (after)
  }
}

/**
 * A report of signups and purchases by another model than the billed one, worked out from the touches stored with each.
 *
 * Beside each figure stands the billed one under `last`. Each conversion's parts add up to one, and the parts of its value to the value. What is owed
 * follows the last click alone, so there is no cost. Throws RefusalError `range_too_large` where that would take too long.
 */
export async function computeAttribution(
  query: ResultsQuery,
  { credit, store, registry, now }: Dependencies & { credit: CreditQuery },
): Promise<AttributionAnswer> {
  const { from, to, tz, by, filters } = query
  const [start, end] = [dayStart(from, tz), dayStart(addDays(to, 1), tz)]
  // A conversion of one campaign may have touches of another, so all are read whichever is asked for.
  const seen = await store.campaigns()
  const inTotals = await conversionsInTotals(seen, { from: start, to: end, store })
  const groups = new Map<string, AttributionGroup>()
  const dayAt = dayFinder(tz)

  function add(event: LedgerEvent, part: Part, side: 'credited' | 'last'): void {
    if (query.campaign !== undefined && (part.campaign || NONE) !== query.campaign) return
    if (query.site !== undefined && event.site !== query.site) return
    for (const [name, value] of Object.entries(filters)) if ((part.tags[name] ?? NONE) !== value) return
    const key: AttributionGroup['key'] = {}
    for (const name of by) {
      if (name === 'campaign') key.campaign = part.campaign || null
      else if (name === 'site') key.site = event.site
      else if (name === 'day') key.day = dayAt(event.occurredAt)
      else key[name] = part.tags[name] ?? null
    }
    const currency = registry.campaign(part.campaign)?.currency ?? null
    const id = JSON.stringify([key, currency])
    let group = groups.get(id)
    if (!group) {
      if (groups.size >= MAX_ROWS)
        throw new RefusalError('range_too_large', `by: there would be more than ${MAX_ROWS} rows; ask for fewer names or days`, 'by')
      group = emptyGroup(key, currency)
      groups.set(id, group)
    }
    const sums = group[side]
    sums[event.type === 'signup' ? 'signups' : 'purchases'] += part.micros
    if (event.type === 'purchase' && event.currency !== undefined)
      sums.revenue.set(event.currency, (sums.revenue.get(event.currency) ?? 0n) + part.valueMinor)
  }

  let read = 0
  for await (const event of conversionsOf(seen, { from: start, to: end, store })) {
    read += 1
    for (const part of partsOf(event, { ...credit, registry })) add(event, part, 'credited')
    const valueMinor = BigInt(event.valueMinor ?? 0)
    add(event, { campaign: event.campaign, tags: ownTags(event.tags), micros: 1_000_000n, valueMinor }, 'last')
  }

  const rows = toRows([...groups.values()], by)
  const campaigns = [...new Set([...seen, ...rows.flatMap(({ campaign }) => campaign ?? [])])].filter(
    (id) => id !== '' && (query.campaign === undefined || id === query.campaign),
  )
  return {
    query: {
      from,
      to,
      tz,
      by,
      model: credit.model,
      ...(credit.model === 'decay' && { halfLifeDays: credit.halfLifeMs / 86_400_000 }),
      windows: Object.fromEntries(campaigns.map((id) => [id, registry.windowsAt(id, end - 1)])),
      filters: { ...filters, ...(query.campaign && { campaign: query.campaign }), ...(query.site && { site: query.site }) },
      asOf: new Date(now).toISOString(),
    },
    rows,
    totals: totalOf([...groups.values()]),
    cost: NO_COST,
    notInLedger: Math.max(0, inTotals - read),
  }
}
