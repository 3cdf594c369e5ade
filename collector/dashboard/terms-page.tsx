import type { TermsPreview } from '../results/previewTerms.ts'
import type { Assets } from './assets.ts'
import { formatDays } from './days.ts'
import { formatAmount, formatCount, formatMoney } from './format.ts'
import { Page } from './page.tsx'
import { TableFrame } from './parts/table.tsx'
import { type Campaign, MODEL_NAMES, type Model } from './terms.ts'

/** The form of terms, and what the terms in it would have meant. */
export interface TermsView {
  campaign: Campaign
  /** By name: a rate for each model, `share` in per cent, `total`, `monthly`, `daily`, `status`. */
  fields: Record<string, string>
  preview?: TermsPreview
  /** What is wrong with the terms in the form. */
  refused?: string
}

const RATES: [name: Model, per: string][] = [
  ['cpm', 'for 1,000 impressions'],
  ['vcpm', 'for 1,000 viewable impressions'],
  ['cpc', 'a click'],
  ['cpl', 'a signup'],
  ['cps', 'a purchase'],
]
const BUDGETS = [
  ['daily', 'Budget a day'],
  ['monthly', 'Budget a month'],
  ['total', 'Budget in all'],
] as const

/** Address of the form. */
export const termsHref = (campaign: string) => `/dashboard/terms/${encodeURIComponent(campaign)}`

/** Changes what a campaign pays from now on: first seen, then agreed. */
export function TermsPage({ assets, view }: { assets: Assets; view: TermsView }) {
  const { campaign, fields, preview, refused } = view
  const amount = (name: string, label: string, hint: string) => (
    <label>
      <span>{label}</span>
      <input name={name} value={fields[name] ?? ''} inputmode="decimal" autocomplete="off" placeholder="–" />
      <small>{hint}</small>
    </label>
  )
  return (
    <Page title={`Terms of ${campaign.name}`} assets={assets} loggedIn live={false}>
      <div class="title-row">
        <div class="title">
          <p class="crumb">
            <a href={`/dashboard?${new URLSearchParams({ campaign: campaign.id })}`}>{campaign.name}</a>
          </p>
          <h1>Change terms</h1>
        </div>
      </div>
      {refused && (
        <p class="notice" role="alert">
          {refused}
        </p>
      )}
      <form class="agree" method="get" action={termsHref(campaign.id)}>
        <fieldset>
          <legend>Pays, in {campaign.currency}; empty for nothing</legend>
          {RATES.map(([name, per]) => amount(name, MODEL_NAMES[name], per))}
          {amount('share', 'CPS, share', '% of the value of a purchase')}
        </fieldset>
        <fieldset>
          <legend>Budgets, in {campaign.currency}; empty for none</legend>
          {BUDGETS.map(([name, label]) => amount(name, label, ''))}
          <label>
            <span>Status</span>
            <select name="status">
              {['active', 'paused'].map((status) => (
                <option value={status} selected={fields.status === status}>
                  {status}
                </option>
              ))}
            </select>
          </label>
        </fieldset>
        <p class="hint">
          What is not asked for here (tiers, windows, validation, evidence) stays as it is. New terms hold from now on, for what occurs from
          now on.
        </p>
        <p class="buttons">
          <button type="submit">Preview</button>
          <button type="submit" class="primary" formmethod="post">
            Agree from now on
          </button>
        </p>
      </form>
      {preview && <Preview preview={preview} />}
    </Page>
  )
}

function Preview({ preview: { currency, from, to, asAgreed, asProposed, differenceMinor } }: { preview: TermsPreview }) {
  const models = [...new Set([...asAgreed.models, ...asProposed.models].map(({ model }) => model))] as Model[]
  const of = (owed: TermsPreview['asAgreed'], model: string) => owed.models.find((one) => one.model === model)
  const change =
    differenceMinor === 0 ? 'the same' : `${formatMoney(Math.abs(differenceMinor), currency)} ${differenceMinor > 0 ? 'more' : 'less'}`
  return (
    <section aria-labelledby="preview">
      <div class="section-head">
        <h2 id="preview">
          {formatDays(from, to)} would have cost {change}
        </h2>
      </div>
      <TableFrame id="preview-table" label="What these terms would have meant">
        <table>
          <caption class="unseen">What was owed, and what these terms would have meant, by model</caption>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col">Results</th>
              <th scope="col">As agreed, {currency}</th>
              <th scope="col">As proposed</th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr>
                <th scope="row">{MODEL_NAMES[model]}</th>
                <td class="n">{formatCount((of(asProposed, model) ?? of(asAgreed, model))?.results ?? 0)}</td>
                <td class="n">{formatAmount(of(asAgreed, model)?.amountMinor ?? 0, currency)}</td>
                <td class="n">{formatAmount(of(asProposed, model)?.amountMinor ?? 0, currency)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Over budget, not owed</th>
              <td />
              <td class="n">{formatAmount(asAgreed.unbilledMinor, currency)}</td>
              <td class="n">{formatAmount(asProposed.unbilledMinor, currency)}</td>
            </tr>
            <tr class="total">
              <th scope="row">Owed</th>
              <td />
              <td class="n">{formatAmount(asAgreed.owedMinor, currency)}</td>
              <td class="n">{formatAmount(asProposed.owedMinor, currency)}</td>
            </tr>
          </tfoot>
        </table>
      </TableFrame>
    </section>
  )
}
