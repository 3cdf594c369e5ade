import { formatAmount, formatCount, formatPercent, formatRatio, NOTHING, ratio } from '../format.ts'
import { overviewHref } from '../links.ts'
import type { CampaignRow, Overview } from '../load.ts'
import { currentTerms, formatPays, type Terms } from '../terms.ts'
import { type CurrencyGroup, formatCostPer, formatOthers, groupByCurrency } from '../totals.ts'
import { SetUpHint } from './set-up-hint.tsx'
import { Numeric, TableFrame } from './table.tsx'

const COLUMNS = ['Impressions', 'Viewable', 'Clicks', 'CTR', 'Signups', 'Purchases', 'Revenue', 'Owed', 'Cost per result', 'ROAS']

/** Campaigns, dearest first, under a heading for each currency when there are several. */
export function CampaignsTable({ overview }: { overview: Overview }) {
  const groups = groupByCurrency(overview.campaigns)
  const [first] = groups
  return (
    <section aria-labelledby="campaigns" data-key="campaigns">
      <div class="section-head">
        <h2 id="campaigns">Campaigns</h2>
        {groups.length === 1 && first?.currency && <p class="unit">Amounts in {first.currency}</p>}
      </div>
      <TableFrame id="campaigns-table" label="Campaigns">
        <table class="ledger">
          <caption class="unseen">Results and amounts of each campaign, dearest first</caption>
          <thead>
            <tr>
              <th scope="col">Campaign</th>
              {COLUMNS.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          {groups.map((group) => (
            <Group group={group} titled={groups.length > 1} overview={overview} />
          ))}
        </table>
      </TableFrame>
    </section>
  )
}

function Group({ group, titled, overview }: { group: CurrencyGroup<CampaignRow>; titled: boolean; overview: Overview }) {
  const { currency, rows, sums } = group
  return (
    <tbody data-key={`group-${currency}`}>
      {titled && (
        <tr class="group">
          <th scope="rowgroup" colspan={COLUMNS.length + 1}>
            <span>{currency ? `Amounts in ${currency}` : 'Without amounts'}</span>
          </th>
        </tr>
      )}
      {rows.map((row) => (
        <Row row={row} overview={overview} />
      ))}
      {rows.length > 1 && (
        <tr class="total" data-key="total">
          <th scope="row">Total{currency && ` ${currency}`}</th>
          <Numeric>{formatCount(sums.impressions)}</Numeric>
          <Numeric>{formatCount(sums.viewable)}</Numeric>
          <Numeric>{formatCount(sums.clicks)}</Numeric>
          <Numeric>{formatPercent(ratio(sums.clicks, sums.impressions))}</Numeric>
          <Numeric>{formatCount(sums.signups)}</Numeric>
          <Numeric>{formatCount(sums.purchases)}</Numeric>
          <Numeric notes={formatOthers(sums.otherRevenue)}>{currency ? formatAmount(sums.revenueMinor, currency) : NOTHING}</Numeric>
          <Numeric>{currency ? formatAmount(sums.costMinor, currency) : NOTHING}</Numeric>
          <td />
          <Numeric>{formatRatio(ratio(sums.revenueMinor, sums.costMinor))}</Numeric>
        </tr>
      )}
    </tbody>
  )
}

function Row({ row, overview }: { row: CampaignRow; overview: Overview }) {
  const { id, name, setup, slot, currency } = row
  const terms = setup && currentTerms(setup.terms, overview.now)
  const others = Object.entries(row.otherRevenueMinor ?? {}).map(([other, minor]): [string, bigint] => [other, BigInt(minor)])
  return (
    <tr data-key={`campaign-${id}`}>
      <th scope="row">
        <span class="campaign">
          <span class={`swatch series-${slot}`} />
          {id === '' ? <span>{name}</span> : <a href={overviewHref(overview.view, { campaign: id })}>{name}</a>}
          {terms?.status === 'paused' && <span class="badge">paused</span>}
        </span>
        <span class="terms">{describe({ id, setup, terms })}</span>
        {id !== '' && !setup && <SetUpHint campaign={id} origin={overview.origin} />}
      </th>
      <Numeric>{formatCount(row.impressions)}</Numeric>
      <Numeric>{formatCount(row.viewable)}</Numeric>
      <Numeric>{formatCount(row.clicks)}</Numeric>
      <Numeric>{formatPercent(row.ctr)}</Numeric>
      <Numeric>{formatCount(row.signups)}</Numeric>
      <Numeric>{formatCount(row.purchases)}</Numeric>
      <Numeric notes={formatOthers(others)}>{currency ? formatAmount(row.revenueMinor ?? 0, currency) : NOTHING}</Numeric>
      <Numeric notes={formatUnbilled(row)}>{currency ? formatAmount(row.costMinor ?? 0, currency) : NOTHING}</Numeric>
      <td class="n per">
        {(terms?.pays ?? []).map(({ model }) => (
          <span>
            <small>{model === 'vcpm' ? 'vCPM' : model.toUpperCase()}</small> <span data-figure>{formatCostPer(model, row)}</span>
          </span>
        ))}
        {!terms && NOTHING}
      </td>
      <Numeric>{formatRatio(row.roas)}</Numeric>
    </tr>
  )
}

/** What lies over the campaign's budgets. */
const formatUnbilled = ({ unbilledMinor, currency }: CampaignRow): string[] =>
  unbilledMinor && currency ? [`${formatAmount(unbilledMinor, currency)} unbilled`] : []

function describe({ id, setup, terms }: { id: string; setup: CampaignRow['setup']; terms: Terms | null }): string {
  if (id === '') return 'No campaign gets the credit.'
  if (!setup) return 'Not set up: counted, but nothing is owed.'
  return terms ? formatPays(terms.pays, setup.currency) : 'No terms yet: counted, but nothing is owed.'
}
