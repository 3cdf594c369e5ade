import type { Explanation } from '../explain/explainEvent.ts'
import type { Assets } from './assets.ts'
import { formatInstant } from './days.ts'
import { formatMoney } from './format.ts'
import { SearchForm } from './ledger.tsx'
import { Page } from './page.tsx'
import { EventFacts } from './parts/event-facts.tsx'
import { EventHistory } from './parts/event-history.tsx'
import { TouchLine } from './parts/touch-line.tsx'
import { formatPays } from './terms.ts'

const TYPES = { impression: 'Impression', click: 'Click', signup: 'Signup', purchase: 'Purchase' } as const

const ACTIONS = {
  refund: 'Refunded',
  cancel: 'Cancelled',
  restate: 'Restated',
  approve: 'Approved',
  reject: 'Rejected',
  mature: 'Validation period over',
  judge: 'Judged anew',
} as const

/** What Tallymark itself does in the course of time. */
const OWN: string[] = ['mature', 'judge']

/** The page of one event: what it is, why it counts or does not, where its campaign comes from, how it is billed. */
export function EventPage({ assets, explanation }: { assets: Assets; explanation: Explanation }) {
  const { event, verdict, credit, billing, conflicts, history, adjustments, held } = explanation
  const named = event.orderId ?? event.leadId
  const title = named === undefined ? TYPES[event.type] : `${TYPES[event.type]} ${named}`
  return (
    <Page title={title} assets={assets} loggedIn live={false}>
      <div class="title-row">
        <div class="title">
          <p class="crumb">
            <a href="/dashboard/ledger">Find an event</a>
          </p>
          <h1>{title}</h1>
        </div>
        <SearchForm />
      </div>
      <section class="statement" aria-labelledby="verdict">
        <div class="owed">
          <h2 id="verdict">{verdict.counted ? 'Counted' : 'Not counted'}</h2>
          {event.valueMinor !== null && event.currency !== null ? (
            <p class="amount">
              <b>{formatMoney(event.valueMinor, event.currency)}</b>
            </p>
          ) : (
            <p class="amount">
              <b>{TYPES[event.type]}</b>
            </p>
          )}
          <p class="as-of">
            {formatInstant(event.occurredAt, event.timeZone)}, {event.timeZone}
          </p>
        </div>
        <dl class="answers">
          <Answer question={verdict.counted ? 'Why it counts' : 'Why it does not count'}>
            {verdict.why} {verdict.counted && explanation.witness.why}
          </Answer>
          <Answer question="Whose it is">
            {event.campaign !== null && (
              <>
                <a href={`/dashboard?${new URLSearchParams({ campaign: event.campaign })}`}>{event.campaign}</a>:{' '}
              </>
            )}
            {credit?.why ?? (event.campaign === null ? 'The page named no campaign.' : 'The page named it.')}
          </Answer>
          <Answer question="What is owed for it">
            {billing.terms && billing.terms.pays.length > 0 && (
              <b>
                {formatPays(billing.terms.pays, billing.terms.currency)}
                {billing.terms.pays.some(({ rate }) => rate !== undefined) && ` ${billing.terms.currency}`}.{' '}
              </b>
            )}
            {billing.why}
            {billing.terms && (
              <>
                {' '}
                Terms version {billing.terms.version}, from {formatInstant(billing.terms.from, event.timeZone)}.
              </>
            )}
          </Answer>
        </dl>
      </section>
      {credit && <TouchLine credit={credit} event={event} />}
      {(adjustments.length > 0 || held) && (
        <section aria-labelledby="adjustments">
          <div class="section-head">
            <h2 id="adjustments">What became of it</h2>
          </div>
          <dl class="reasons">
            {adjustments.map(({ id, action, at, valueMinor }) => (
              <div>
                <dt>
                  {ACTIONS[action]} {valueMinor !== null && event.currency !== null && formatMoney(valueMinor, event.currency)}
                </dt>
                <dd class="n">{formatInstant(at, event.timeZone)}</dd>
                <dd class="why">{OWN.includes(action) ? 'By the terms of the campaign.' : `Adjustment ${id}.`}</dd>
              </div>
            ))}
            {held && (
              <div>
                <dt>Pending</dt>
                <dd class="n">{held.until === null ? '' : `until ${formatInstant(held.until, event.timeZone)}`}</dd>
                <dd class="why">
                  {held.awaits === 'server'
                    ? 'A server of the site has not confirmed it yet, and the terms pay only for what one has.'
                    : 'It counts by itself after the validation period, or once it is approved.'}
                </dd>
              </div>
            )}
          </dl>
        </section>
      )}
      {conflicts.length > 0 && (
        <section aria-labelledby="conflicts">
          <div class="section-head">
            <h2 id="conflicts">Reports that said something else</h2>
          </div>
          <dl class="reasons">
            {conflicts.map(({ field, said, by, at, why }) => (
              <div>
                <dt>
                  {field === 'value' ? 'Value' : 'Campaign'} <code>{formatSaid(said)}</code>
                </dt>
                <dd class="n">
                  {by}, {formatInstant(at, event.timeZone)}
                </dd>
                <dd class="why">{why}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <div class="columns">
        <EventFacts explanation={explanation} />
        <EventHistory history={history} timeZone={event.timeZone} />
      </div>
    </Page>
  )
}

/** The value of another report is kept as minor units and currency, `49900 NOK`. */
function formatSaid(said: string): string {
  const [, minor, currency] = /^(\d+) ([A-Z]{3})$/.exec(said) ?? []
  return minor !== undefined && currency !== undefined ? formatMoney(BigInt(minor), currency) : said
}

function Answer({ question, children }: { question: string; children?: unknown }) {
  return (
    <div>
      <dt>{question}</dt>
      <dd>{children as string}</dd>
    </div>
  )
}
