import type { EventType } from '../../sdk/wire.ts'
import { RefusalError } from '../errors.ts'
import { MODELS, type Model, termsAt } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import type { LedgerEvent, PageEnd, Store } from '../store/store.ts'
import { addDays, dayStart, isDay } from './days.ts'

/** One result of a line of a statement. */
export interface LineEvent {
  id: string
  type: EventType
  /** ISO 8601. */
  occurredAt: string
  site: string
  placement: string | null
  orderId: string | null
  leadId: string | null
  valueMinor: number | null
  currency: string | null
}

export interface LineEvents {
  events: LineEvent[]
  /** Goes into `after` of the next question; null when these were the last. */
  next: string | null
}

const TYPE_OF: Record<Model, EventType> = { cpm: 'impression', vcpm: 'impression', cpc: 'click', cpl: 'signup', cps: 'purchase' }

/** Events in one answer, at least, while there are more. */
const PAGE = 200

const refuse = (field: string, message: string) => new RefusalError('invalid_filter', `${field}: ${message}`, field)

function parseAfter(text: string | undefined): PageEnd | undefined {
  if (text === undefined) return undefined
  const [, at, seq] = /^(\d{1,16})-(\d{1,16})$/.exec(text) ?? []
  if (at === undefined || seq === undefined) throw refuse('after', 'must be what "next" said')
  return { at: Number(at), seq: Number(seq) }
}

function lineEvent({ id, type, occurredAt, site, tags, evidence, valueMinor, currency }: LedgerEvent): LineEvent {
  return {
    id,
    type,
    occurredAt: new Date(occurredAt).toISOString(),
    site,
    placement: tags.placement ?? null,
    orderId: evidence.orderId ?? null,
    leadId: evidence.leadId ?? null,
    valueMinor: valueMinor ?? null,
    currency: currency ?? null,
  }
}

/**
 * The events that make up a line of a statement, by time: as many as the line has results, until retention takes their details.
 *
 * Throws RefusalError naming the parameter that is wrong.
 */
export async function lineEvents(
  { id, timeZone, terms }: Campaign,
  { day = '', model: name, terms: version, after }: Record<string, string | undefined>,
  store: Store,
): Promise<LineEvents> {
  if (!isDay(day)) throw refuse('day', 'must be a day like 2026-11-30')
  const model = MODELS.find((one) => one === name)
  if (!model) throw refuse('model', `must be one of ${MODELS.join(', ')}`)
  if (!terms.some((one) => String(one.version) === version)) throw refuse('terms', 'must be a version of the terms, like 1')
  const span = { from: dayStart(day, timeZone), to: dayStart(addDays(day, 1), timeZone) }
  const isOfLine = (event: LedgerEvent) =>
    String(termsAt(terms, event.occurredAt)?.version) === version && (model !== 'vcpm' || event.viewable)
  const events: LineEvent[] = []
  let at = parseAfter(after)
  for (;;) {
    const page = await store.countedEvents({ campaign: id, types: [TYPE_OF[model]], ...span, ...(at && { after: at }) })
    events.push(...page.events.filter(isOfLine).map(lineEvent))
    at = page.next
    if (!at || events.length >= PAGE) return { events, next: at ? `${at.at}-${at.seq}` : null }
    await new Promise((resolve) => setImmediate(resolve)) // others write meanwhile
  }
}
