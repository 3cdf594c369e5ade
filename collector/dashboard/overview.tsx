import type { Assets } from './assets.ts'
import { formatDays } from './days.ts'
import { overviewHref } from './links.ts'
import type { Overview } from './load.ts'
import { Page } from './page.tsx'
import { BudgetAlerts } from './parts/budget-alerts.tsx'
import { CampaignTerms } from './parts/campaign-terms.tsx'
import { CampaignsTable } from './parts/campaigns-table.tsx'
import { Chart } from './parts/chart.tsx'
import { DaysTable } from './parts/days-table.tsx'
import { Headline } from './parts/headline.tsx'
import { NotCounted } from './parts/not-counted.tsx'
import { RangePicker } from './parts/range-picker.tsx'
import { Sites } from './parts/sites.tsx'
import { SplitTable } from './parts/split-table.tsx'
import { Welcome } from './parts/welcome.tsx'

/** The one page: all campaigns, or one of them when `view.campaign` says so. */
export function OverviewPage({ assets, overview }: { assets: Assets; overview: Overview }) {
  const { view, campaigns, isNew } = overview
  const [only] = campaigns
  const title = view.campaign === null ? 'All campaigns' : (only?.name ?? view.campaign)
  return (
    <Page title={title} assets={assets} loggedIn>
      {isNew ? <Welcome overview={overview} /> : <Results overview={overview} title={title} />}
    </Page>
  )
}

function Results({ overview, title }: { overview: Overview; title: string }) {
  const { view, answer, campaigns, chart, split } = overview
  const [only] = campaigns
  return (
    <>
      <div class="title-row" data-key="title">
        <div class="title">
          {view.campaign !== null && (
            <p class="crumb">
              <a href={overviewHref(view, { campaign: null })}>All campaigns</a>
            </p>
          )}
          <h1>{title}</h1>
        </div>
        <RangePicker view={view} />
      </div>
      {view.range.shortened && (
        <p class="notice" data-key="shortened">
          Shown are the last days of that range: {formatDays(view.range.from, view.range.to)}.
        </p>
      )}
      <BudgetAlerts overview={overview} />
      <Headline overview={overview} />
      <Chart chart={chart} metric={view.metric} timeZone={answer.query.tz}>
        <DaysTable days={chart.days} rows={overview.byDay} />
      </Chart>
      {view.campaign === null ? <CampaignsTable overview={overview} /> : split && <SplitTable rows={split} view={view} />}
      <div class="columns" data-key="columns">
        {view.campaign !== null && only && <CampaignTerms row={only} now={overview.now} origin={overview.origin} />}
        <NotCounted notCounted={answer.notCounted} />
        {view.campaign === null && <Sites sites={overview.sites} origin={overview.origin} />}
      </div>
    </>
  )
}
