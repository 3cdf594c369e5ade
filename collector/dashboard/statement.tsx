import type { Statement, StatementLine } from '../money/statement.ts'
import type { Assets } from './assets.ts'
import { formatDays, formatInstant, formatWeekday } from './days.ts'
import { formatAmount, formatCount, formatMoney } from './format.ts'
import { Page } from './page.tsx'
import { NotCounted } from './parts/not-counted.tsx'
import { Numeric, TableFrame } from './parts/table.tsx'
import { type Campaign, formatPays, MODEL_NAMES } from './terms.ts'

/** A statement, and what is beside it. */
export interface StatementView {
  campaign: Campaign & { advertiser?: string | undefined }
  statement: Statement
  /** Periods that are closed, oldest first. */
  closed: Statement[]
  /** First day of the open period; null while nothing is there. */
  openFrom: string | null
  /** The last day that is over: a period may be closed up to it. */
  lastDay: string
  /** What is wrong with what was asked for, with the fix. */
  refused?: string | undefined
}

/** Address of a statement. */
export function statementHref(campaign: string, query: Record<string, string> = {}): string {
  const path = `/dashboard/statements/${encodeURIComponent(campaign)}`
  const search = new URLSearchParams(query)
  return search.size === 0 ? path : `${path}?${search}`
}

/** Address of the events of one line. */
export function lineHref(campaign: string, line: Record<string, string>): string {
  return `/dashboard/statement-lines/${encodeURIComponent(campaign)}?${new URLSearchParams(line)}`
}

/** What is owed for a period, line by line; prints as a document. */
export function StatementPage({ assets, view }: { assets: Assets; view: StatementView }) {
  const { campaign, statement, closed, openFrom, lastDay, refused } = view
  const { from, to, currency, timeZone, owedMinor, unbilledMinor, lines, hash, previous } = statement
  const own = lines.filter(({ corrects }) => !corrects)
  const corrections = lines.filter(({ corrects }) => corrects)
  return (
    <Page title={`Statement of ${campaign.name}`} assets={assets} loggedIn live={false}>
      <div class="title-row">
        <div class="title">
          <p class="crumb">
            <a href={`/dashboard?${new URLSearchParams({ campaign: campaign.id })}`}>{campaign.name}</a>
          </p>
          <h1>Statement</h1>
        </div>
        <div class="range">
          <form class="days" method="get" action={statementHref(campaign.id)} aria-label="Days">
            <input type="date" name="from" value={from} aria-label="First day" required />
            <span aria-hidden="true">–</span>
            <input type="date" name="to" value={to} aria-label="Last day" required />
            <button type="submit">Show</button>
          </form>
        </div>
      </div>
      {refused && (
        <p class="notice" role="alert">
          {refused}
        </p>
      )}
      <section class="statement" aria-labelledby="owed">
        <div class="owed">
          <h2 id="owed">Owed</h2>
          <p class="period">{formatDays(from, to)}</p>
          <p class="amount">
            <b>{formatMoney(owedMinor, currency)}</b>
          </p>
          <p class="as-of">
            {statement.closed ? 'Closed: nothing in it changes any more.' : 'Open: results may still come, or be corrected.'}
          </p>
        </div>
        <dl class="answers">
          <div>
            <dt>Campaign</dt>
            <dd>
              {campaign.name}
              {campaign.advertiser && `, ${campaign.advertiser}`}. Days of {timeZone}, amounts in {currency}.
            </dd>
          </div>
          <div>
            <dt>Over budget</dt>
            <dd>{unbilledMinor === 0 ? 'Nothing lies over the budgets.' : `${formatMoney(unbilledMinor, currency)}, not owed.`}</dd>
          </div>
          <div>
            <dt>Proof</dt>
            <dd>
              <code class="hash">{hash}</code>
              <br />
              The hash covers every line; <code>tallymark statement --check FILE</code> proves it.
              {previous && (
                <>
                  {' '}
                  Follows <code class="hash">{previous.slice(0, 12)}…</code>
                </>
              )}
            </dd>
          </div>
        </dl>
      </section>
      <p class="downloads">
        <a href={statementHref(campaign.id, { from, to, format: 'csv' })}>CSV</a>
        <a href={statementHref(campaign.id, { from, to, format: 'json' })}>JSON, to be checked</a>
        <span>To keep it as PDF, print this page.</span>
      </p>
      <Lines title="Results" lines={own} {...{ campaign, currency }} empty="Nothing was counted in this period that the terms pay." />
      {corrections.length > 0 && (
        <Lines title="Corrections of closed periods" lines={corrections} {...{ campaign, currency }} empty="" isCorrection />
      )}
      <div class="columns">
        <Agreed campaign={campaign} lines={lines} currency={currency} />
        <NotCounted notCounted={statement.notCounted} />
      </div>
      <Periods {...{ campaign, closed, openFrom, lastDay }} />
    </Page>
  )
}

function Lines({
  title,
  lines,
  campaign,
  currency,
  empty,
  isCorrection = false,
}: {
  title: string
  lines: StatementLine[]
  campaign: Campaign
  currency: string
  empty: string
  isCorrection?: boolean
}) {
  const id = isCorrection ? 'corrections' : 'lines'
  const owedMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  const over = lines.reduce((sum, { unbilled }) => sum + unbilled, 0)
  return (
    <section aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
      </div>
      {lines.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <TableFrame id={`${id}-table`} label={title}>
          <table>
            <caption class="unseen">{title}, a row for each day, model and version of the terms</caption>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">Model</th>
                <th scope="col">Results</th>
                <th scope="col">Owed {currency}</th>
                <th scope="col">Over budget</th>
                <th scope="col">Terms</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ day, model, terms, results, unbilled, amountMinor }) => (
                <tr>
                  <th scope="row">
                    <time datetime={day}>{formatWeekday(day)}</time>
                  </th>
                  <td>{MODEL_NAMES[model]}</td>
                  <td class="n">
                    <a
                      href={lineHref(campaign.id, { day, model, terms: String(terms) })}
                      aria-label={`${results} results of ${day}, ${MODEL_NAMES[model]}`}
                    >
                      {formatCount(results)}
                    </a>
                  </td>
                  <Numeric>{formatAmount(amountMinor, currency)}</Numeric>
                  <Numeric>{formatCount(unbilled)}</Numeric>
                  <td>{terms}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr class="total">
                <th scope="row">Sum</th>
                <td />
                <td />
                <td class="n">{formatAmount(owedMinor, currency)}</td>
                <td class="n">{formatCount(over)}</td>
                <td />
              </tr>
            </tfoot>
          </table>
        </TableFrame>
      )}
    </section>
  )
}

/** The versions of the terms that the lines name. */
function Agreed({ campaign, lines, currency }: { campaign: Campaign; lines: StatementLine[]; currency: string }) {
  const named = new Set(lines.map(({ terms }) => terms))
  const versions = campaign.terms.filter(({ version }) => named.has(version))
  return (
    <section aria-labelledby="agreed">
      <div class="section-head">
        <h2 id="agreed">Terms</h2>
      </div>
      {versions.length === 0 ? (
        <p class="empty">No terms were in force.</p>
      ) : (
        <ol class="versions">
          {versions.map(({ version, from, pays }) => (
            <li>
              <span class="since">
                Version {version}, from {formatInstant(from, campaign.timeZone)}
              </span>
              <span class="pays">{formatPays(pays, currency)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Periods({ campaign, closed, openFrom, lastDay }: Pick<StatementView, 'campaign' | 'closed' | 'openFrom' | 'lastDay'>) {
  return (
    <section aria-labelledby="periods" class="periods">
      <div class="section-head">
        <h2 id="periods">Periods</h2>
      </div>
      {closed.length === 0 && <p class="empty">No period is closed yet.</p>}
      {closed.length > 0 && (
        <ul class="closed">
          {closed.toReversed().map(({ from, to, owedMinor, currency }) => (
            <li>
              <a href={statementHref(campaign.id, { from, to })}>{formatDays(from, to)}</a>
              <span class="n">{formatMoney(owedMinor, currency)}</span>
            </li>
          ))}
        </ul>
      )}
      {openFrom !== null && openFrom <= lastDay && (
        <form class="close" method="post" action={`${statementHref(campaign.id)}/close`}>
          <label>
            Close what began on {formatDays(openFrom, openFrom)}, up to{' '}
            <input type="date" name="to" value={lastDay} min={openFrom} max={lastDay} required />
          </label>
          <button type="submit">Close the period</button>
          <p class="hint">Nothing in a closed period changes any more. What comes later for its days is a correction in the next one.</p>
        </form>
      )}
    </section>
  )
}
