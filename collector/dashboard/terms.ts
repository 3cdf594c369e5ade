import { formatRate, formatShare } from './format.ts'

export type Model = 'cpm' | 'vcpm' | 'cpc' | 'cpl' | 'cps'

/** What a campaign pays for. `rate` and `share` are decimal strings, the rate in major units of the campaign's currency. */
export interface Pay {
  model: Model
  rate?: string
  share?: string
  /** What is paid instead from a number of results on. */
  tiers?: { from: number; rate?: string; share?: string }[]
}

/** A version of a campaign's terms; holds from `from` (ms) until the next one. */
export interface Terms {
  version: number
  from: number
  pays: Pay[]
  status: 'active' | 'paused'
}

/** A campaign as it was set up. */
export interface Campaign {
  id: string
  name: string
  currency: string
  timeZone: string
  terms: Terms[]
}

/** As the trade writes them. */
export const MODEL_NAMES: Record<Model, string> = { cpm: 'CPM', vcpm: 'Viewable CPM', cpc: 'CPC', cpl: 'CPL', cps: 'CPS' }

/** The terms in force at `now` (ms), null before the first version. Of two from the same instant the later in the list holds. */
export function currentTerms(terms: Terms[], now: number): Terms | null {
  const begun = terms.filter(({ from }) => from <= now).sort((a, b) => a.from - b.from)
  return begun.at(-1) ?? null
}

/** `CPM 37.50 · CPC 2.00 · CPS 10 %`, to be broken at the dots only. */
export function formatPays(pays: Pay[], currency: string): string {
  return pays.map((pay) => `${MODEL_NAMES[pay.model]}\u00a0${formatPay(pay, currency)}${formatTiers(pay, currency)}`).join(' · ')
}

function formatTiers({ tiers = [] }: Pay, currency: string): string {
  return tiers.map((tier) => `, from\u00a0${tier.from}\u00a0on ${formatPay(tier, currency)}`).join('')
}

function formatPay({ rate, share }: { rate?: string; share?: string }, currency: string): string {
  if (share !== undefined) return formatShare(share)
  return rate === undefined ? '' : formatRate(rate, currency)
}
