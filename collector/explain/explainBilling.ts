import type { EventType } from '../../sdk/wire.ts'
import { type Model, type Terms, termsAt } from '../money/terms.ts'
import type { Registry } from '../registry.ts'
import { addDays, dayOf, dayStart } from '../results/days.ts'
import { pricing } from '../results/pricing.ts'
import type { LedgerEvent, Store } from '../store/store.ts'
import { BILLING_REASONS, type BillingCode } from './reasons.ts'

/** Whether an event is billed, and by what. */
export interface ExplainedBilling {
  code: BillingCode
  why: string
  /** The terms that held when it occurred; null when there were none. */
  terms: { version: number; from: string; status: Terms['status']; currency: string; pays: Terms['pays'] } | null
}

const PAID_AS: Record<EventType, readonly Model[]> = { impression: ['cpm', 'vcpm'], click: ['cpc'], signup: ['cpl'], purchase: ['cps'] }

/** The rates that an event is paid by. */
function paysFor({ type, viewable }: LedgerEvent, terms: Terms): Terms['pays'] {
  return terms.pays.filter(({ model }) => PAID_AS[type].includes(model) && (model !== 'vcpm' || viewable))
}

/** The terms version that an event is billed under, the rates that apply to it, and why it is not billed if it is not. */
export async function explainBilling(
  event: LedgerEvent,
  { store, registry }: { store: Store; registry: Registry },
): Promise<ExplainedBilling> {
  const answer = (code: BillingCode, terms: ExplainedBilling['terms'] = null) => ({ code, why: BILLING_REASONS[code], terms })
  if (event.verdict !== 'counted') return answer('not_counted')
  if (event.campaign === '') return answer('no_campaign')
  const campaign = registry.campaign(event.campaign)
  if (!campaign) return answer('not_set_up')
  const inForce = termsAt(campaign.terms, event.occurredAt)
  if (!inForce) return answer('no_terms')
  const { currency, timeZone } = campaign
  const pays = paysFor(event, inForce)
  const terms = { version: inForce.version, from: new Date(inForce.from).toISOString(), status: inForce.status, currency, pays }
  if (inForce.status === 'paused') return answer('paused', terms)
  if (pays.length === 0) return answer('not_paid', terms)
  if (event.currency !== undefined && event.currency !== currency && pays.every(({ share }) => share !== undefined))
    return answer('other_currency', terms)
  const until = dayStart(addDays(dayOf(event.occurredAt, timeZone), 1), timeZone)
  const { limit, paid = {} } = (await pricing(campaign, { store, until })).boundAt(event.occurredAt)
  const isUsedUp = limit === 0n || pays.every(({ model }) => paid[model] === 0)
  return answer(isUsedUp ? 'budget' : 'billed', terms)
}
