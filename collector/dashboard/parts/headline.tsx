import type { Child } from 'hono/jsx'
import { formatDays, formatInstant } from '../days.ts'
import { formatAmount, formatCount, formatPercent, formatRatio, NOTHING, ratio } from '../format.ts'
import type { Overview } from '../load.ts'
import { formatOthers } from '../totals.ts'

/** What is owed, large, and what was delivered for it. One amount for each currency, never a sum of two. */
export function Headline({ overview }: { overview: Overview }) {
  const { answer, view } = overview
  const { totals, query } = answer
  const amounts = currencyAmounts(totals)
  const others = formatOthers(Object.entries(totals.otherRevenueMinor ?? {}).map(([currency, minor]) => [currency, BigInt(minor)]))
  const orders = formatPercent(ratio(totals.purchases, totals.clicks))
  return (
    <section class="statement" aria-labelledby="owed" data-key="statement">
      <div class="owed">
        <h2 id="owed">Owed</h2>
        <p class="period">{formatDays(view.range.from, view.range.to)}</p>
        {amounts.length === 0 && <p class="amount">{NOTHING}</p>}
        {amounts.map(({ currency, costMinor }) => (
          <p class="amount" data-key={`owed-${currency}`}>
            <Money minor={costMinor} currency={currency} />
          </p>
        ))}
        <p class="as-of">
          Counted up to {formatInstant(query.asOf, query.tz)}, {query.tz}
        </p>
      </div>
      <dl class="figures">
        <Figure label="Revenue" note={others.join(', ') || null}>
          {amounts.length === 0 && NOTHING}
          {amounts.map(({ currency, revenueMinor }) => (
            <Money minor={revenueMinor} currency={currency} />
          ))}
        </Figure>
        <Figure label="ROAS" note="revenue ÷ owed">
          {amounts.length === 0 && NOTHING}
          {amounts.map(({ currency, revenueMinor, costMinor }) => (
            <span class="money">
              {amounts.length > 1 && <small>{currency} </small>}
              <b data-figure>{formatRatio(ratio(revenueMinor, costMinor))}</b>
            </span>
          ))}
        </Figure>
        <Figure label="Impressions" note={`${formatPercent(ratio(totals.viewable, totals.impressions))} viewable`}>
          <b data-figure>{formatCount(totals.impressions)}</b>
        </Figure>
        <Figure label="Clicks" note={`${formatPercent(totals.ctr)} of impressions`}>
          <b data-figure>{formatCount(totals.clicks)}</b>
        </Figure>
        <Figure label="Signups" note={`${formatPercent(ratio(totals.signups, totals.clicks))} of clicks`}>
          <b data-figure>{formatCount(totals.signups)}</b>
        </Figure>
        <Figure label="Purchases" note={`${orders} of clicks`}>
          <b data-figure>{formatCount(totals.purchases)}</b>
        </Figure>
      </dl>
    </section>
  )
}

function Figure({ label, note, children }: { label: string; note: string | null; children?: Child }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class="value">{children}</span>
        {note && <small class="note">{note}</small>}
      </dd>
    </div>
  )
}

// The code small, the number large; read aloud and copied as one.
function Money({ minor, currency }: { minor: number; currency: string }) {
  return (
    <span class="money">
      <small>{currency} </small>
      <b data-figure>{formatAmount(minor, currency)}</b>
    </span>
  )
}

function currencyAmounts(totals: Overview['answer']['totals']): { currency: string; revenueMinor: number; costMinor: number }[] {
  if (totals.currencies) {
    const each = Object.entries(totals.currencies).map(([currency, amounts]) => ({ currency, ...amounts }))
    return each.sort((a, b) => (a.currency < b.currency ? -1 : 1))
  }
  const { currency, revenueMinor, costMinor } = totals
  return currency === null ? [] : [{ currency, revenueMinor: revenueMinor ?? 0, costMinor: costMinor ?? 0 }]
}
