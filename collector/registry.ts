import { z } from 'zod'
import { currencyExponent, LIMITS } from '../sdk/wire.ts'
import { type Notices, notices as openNotices } from './alerts/notices.ts'
import { RefusalError } from './errors.ts'
import { holdUnder } from './ingest/holdUnder.ts'
import { openRateTable, type Rate, type RateTable } from './money/rates.ts'
import type { Statement } from './money/statement.ts'
import { DEFAULT_WINDOWS, rateMicros, shareMicros, type Terms, termsAt, type termsBody } from './money/terms.ts'
import { addDays, isTimeZone } from './results/days.ts'
import type { Spend } from './spend/readSpend.ts'
import { openSpendBook, type SpendBook, type SpendOutcome } from './spend/spendBook.ts'
import { spendRecorder } from './spend/spendRecorder.ts'
import type { ConfigVersion, Store } from './store/store.ts'

const name = z.string().min(1).max(LIMITS.tagLength)

/** `https://shop.example`: what a browser sends as Origin. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text)
}

/** The body of `PUT /v1/sites/:id`. */
export const siteBody = z.object({
  name: name.exactOptional(),
  origins: z
    .array(z.string().refine(isOrigin, 'must be an origin like "https://shop.example": scheme and host, no path, no slash at the end'))
    .max(100)
    .default([]),
  allow: z.array(z.enum(['localhost', 'automation'])).default([]),
})

const clickLimit = z.object({ count: z.int().min(1), per: z.enum(['minute', 'hour', 'day']) })

/** The body of `PUT /v1/campaigns/:id`. */
export const campaignBody = z.object({
  name: name.exactOptional(),
  currency: z.string().refine((code) => currencyExponent(code) !== undefined, 'must be an ISO 4217 code like "NOK"'),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone like "Europe/Oslo"').default('UTC'),
  advertiser: name.exactOptional(),
  invalidTraffic: z
    .object({
      doubleClickSeconds: z.number().min(0).max(86_400).nullable().default(30),
      repeatClickHours: z.number().min(0).max(720).nullable().default(0),
      clickLimits: z
        .array(clickLimit)
        .max(10)
        .nullable()
        .default([
          { count: 10, per: 'hour' },
          { count: 25, per: 'day' },
        ]),
    })
    .prefault({}),
})

export interface Site {
  id: string
  name: string
  /** Empty: only pages on localhost may send. */
  origins: string[]
  /** `localhost`: its pages there count although the site has origins. `automation`: driven browsers count, as in a demo or test. */
  allow: ('localhost' | 'automation')[]
}

export interface Campaign extends Omit<z.output<typeof campaignBody>, 'name'> {
  id: string
  name: string
  /** In the order posted. */
  terms: Terms[]
}

/** A secret key, as far as it is kept. */
export interface Key {
  id: string
  /** `server`: reports conversions of its site. */
  role: 'server'
  site: string
  /** The key's first characters, to tell keys apart by. */
  prefix: string
  /** SHA-256 of the key, hex; of a key that signs, what it signs with. */
  hash: string
  /** Signs requests and is never sent; any other key is sent as bearer and cannot sign. */
  signs?: true
  /** ms since the epoch. */
  madeAt: number
  revoked: boolean
}

/** The body of `POST /v1/keys`. */
export const keyBody = z.object({ role: z.literal('server', 'must be "server"'), site: name, signs: z.boolean().default(false) })

/** Sites, campaigns, keys and terms as they are now: a fold of the store's configuration log. */
export interface Registry {
  /** Takes in what others have put into the log meanwhile. Rejects when the store cannot be read. */
  refresh(): Promise<void>
  /** The key with this hash, unless it was revoked. */
  keyOf(hash: string): Key | undefined
  keys(): Key[]
  putKey(key: Key): Promise<void>
  /** Ends a key for good. Throws RefusalError for one that is not there. */
  revokeKey(id: string): Promise<Key>
  site(id: string): Site | undefined
  sites(): Site[]
  campaign(id: string): Campaign | undefined
  campaigns(): Campaign[]
  /** Attribution windows of a campaign at an instant, the trade's usual ones where it has no terms. */
  windowsAt(campaign: string, at: number): { clickDays: number; viewDays: number }
  /** The terms of a campaign in force at an instant (ms), undefined when there are none. */
  termsAt(campaign: string, at: number): Terms | undefined
  /** Statements of the closed periods of a campaign, oldest first; each begins on the day after the one before. */
  closings(campaign: string): Statement[]
  /** Closes a period for good. Throws RefusalError when another has been closed meanwhile. */
  close(statement: Statement): Promise<void>
  secret(id: string): unknown
  putSite(id: string, body: z.output<typeof siteBody>): Promise<Site>
  putCampaign(id: string, body: z.output<typeof campaignBody>): Promise<Campaign>
  /** Adds a version of terms. Throws RefusalError where a rate does not fit the campaign's currency. */
  addTerms(campaign: string, body: z.output<typeof termsBody>): Promise<Terms>
  putSecret(id: string, value: unknown): Promise<void>
  /** What was spent on campaigns elsewhere. */
  spend: SpendBook
  /** Records spend in one commit, of which what is known already is left out. */
  putSpend(rows: Spend[]): Promise<SpendOutcome[]>
  rates: RateTable
  putRates(rates: Rate[]): Promise<void>
  /** Alerts, webhooks, and what became of each delivery. */
  notices: Notices
  putNotice(notice: { kind: 'alert' | 'webhook' | 'delivery'; id: string; value: unknown }): Promise<void>
}

/** Throws RefusalError naming the rate that has more decimals than the campaign's currency allows. */
export function assertRates(campaign: Campaign, pays: Terms['pays']): void {
  const assertRate = ({ rate, share }: { rate?: string; share?: string }, place: string) => {
    try {
      if (rate !== undefined) rateMicros(rate, campaign.currency)
      if (share !== undefined) shareMicros(share)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const field = `${place}.${rate === undefined ? 'share' : 'rate'}`
      throw new RefusalError('invalid_request', `${field}: ${error.message}`, field)
    }
  }
  pays.forEach((pay, i) => {
    assertRate(pay, `pays[${i}]`)
    pay.tiers?.forEach((tier, j) => {
      assertRate(tier, `pays[${i}].tiers[${j}]`)
    })
  })
}

/** Reads the configuration log once and keeps up with what is put through it. `now` gives ms since the epoch. */
export async function openRegistry({ store, now }: { store: Store; now: () => number }): Promise<Registry> {
  const sites = new Map<string, Site>()
  const campaigns = new Map<string, Campaign>()
  const secrets = new Map<string, unknown>()
  const keys = new Map<string, Key>()
  const closings = new Map<string, Statement[]>()
  const spend = openSpendBook()
  const rates = openRateTable()
  const notices = openNotices()

  function apply({ kind, id, value }: ConfigVersion): void {
    if (kind === 'site') sites.set(id, value as Site)
    if (kind === 'campaign') campaigns.set(id, { ...(value as Campaign), terms: campaigns.get(id)?.terms ?? [] })
    if (kind === 'terms') campaigns.get(id)?.terms.push(value as Terms)
    if (kind === 'secret') secrets.set(id, value)
    if (kind === 'key') keys.set(id, value as Key)
    if (kind === 'closing') applyClosing(id, value as Statement)
    if (kind === 'spend') spend.apply((value as { rows: Spend[] }).rows)
    if (kind === 'rates') rates.apply((value as { rates: Rate[] }).rates)
    notices.apply({ kind, id, value })
  }
  /** Of two that were closed at the same time, the first in the log holds. */
  function applyClosing(id: string, statement: Statement): void {
    const closed = closings.get(id) ?? []
    const last = closed.at(-1)
    if (last && statement.from !== addDays(last.to, 1)) return
    closings.set(id, [...closed, statement])
  }
  let seen = 0
  async function catchUp(): Promise<void> {
    const versions = await store.config(seen)
    seen += versions.length
    for (const version of versions) apply(version)
  }
  // One after the other: two at once would both read what neither has seen.
  let last = Promise.resolve()
  function refresh(): Promise<void> {
    const next = last.then(catchUp)
    last = next.catch(() => {}) // whoever asked hears of it; the next one tries again
    return next
  }
  async function put(version: Omit<ConfigVersion, 'at'>): Promise<void> {
    await store.putConfig({ ...version, at: now() })
    await refresh()
  }
  await refresh()

  const putKey = (key: Key) => put({ kind: 'key', id: key.id, value: key })

  function known(id: string): Campaign {
    const campaign = campaigns.get(id)
    if (!campaign)
      throw new RefusalError('not_found', `there is no campaign "${id}"; make it with PUT /v1/campaigns/${encodeURIComponent(id)}`)
    return campaign
  }

  /** Terms that begin in the past hold for what came under others: what waits for validation or a server's word is judged anew. */
  async function rejudge(campaign: string, { version, from }: Terms): Promise<void> {
    const { terms } = known(campaign)
    const at = now()
    if (from > at || !terms.some(({ validationDays, evidence }) => validationDays > 0 || evidence === 'server')) return
    await store.rejudge({
      campaign,
      since: from,
      id: `judge:${version}`,
      now: at,
      hold: (event) => holdUnder(termsAt(terms, event.occurredAt), { ...event, receivedAt: at }),
    })
  }

  return {
    refresh,
    keyOf: (hash) => [...keys.values()].find((key) => key.hash === hash && !key.revoked),
    keys: () => [...keys.values()],
    putKey,
    async revokeKey(id) {
      const key = keys.get(id)
      if (!key) throw new RefusalError('not_found', `there is no key "${id}"; GET /v1/keys lists them`)
      const revoked = { ...key, revoked: true }
      await putKey(revoked)
      return revoked
    },
    site: (id) => sites.get(id),
    sites: () => [...sites.values()],
    campaign: (id) => campaigns.get(id),
    campaigns: () => [...campaigns.values()],
    windowsAt(campaign, at) {
      return termsAt(campaigns.get(campaign)?.terms ?? [], at)?.windows ?? DEFAULT_WINDOWS
    },
    termsAt: (campaign, at) => termsAt(campaigns.get(campaign)?.terms ?? [], at),
    secret: (id) => secrets.get(id),
    async putSite(id, body) {
      const site: Site = { id, name: body.name ?? sites.get(id)?.name ?? id, origins: body.origins, allow: body.allow }
      await put({ kind: 'site', id, value: site })
      return site
    },
    async putCampaign(id, { name: given, ...body }) {
      const before = campaigns.get(id)
      if (before && before.terms.length > 0 && before.currency !== body.currency) {
        throw new RefusalError(
          'conflict',
          `currency: campaign "${id}" has terms in ${before.currency}; make a new campaign to be paid in ${body.currency}`,
          'currency',
        )
      }
      await put({ kind: 'campaign', id, value: { id, name: given ?? before?.name ?? id, ...body } })
      return known(id)
    },
    async addTerms(id, { from, ...body }) {
      const campaign = known(id)
      assertRates(campaign, body.pays)
      const terms: Terms = { version: campaign.terms.length + 1, from: from === undefined ? now() : Date.parse(from), ...body }
      await put({ kind: 'terms', id, value: terms })
      await rejudge(id, terms)
      return terms
    },
    closings: (campaign) => closings.get(campaign) ?? [],
    async close(statement) {
      await put({ kind: 'closing', id: statement.campaign, value: statement })
      if (!(closings.get(statement.campaign) ?? []).some(({ hash }) => hash === statement.hash))
        throw new RefusalError(
          'conflict',
          'to: another period of the campaign was closed meanwhile; look at its statements and close again',
          'to',
        )
    },
    putSecret: (id, value) => put({ kind: 'secret', id, value }),
    spend: spend.book,
    putSpend: spendRecorder(spend.book, { refresh, put: (rows) => put({ kind: 'spend', id: 'spend', value: { rows } }) }),
    rates: rates.table,
    putRates: (given) => put({ kind: 'rates', id: 'rates', value: { rates: given } }),
    notices,
    putNotice: put,
  }
}
