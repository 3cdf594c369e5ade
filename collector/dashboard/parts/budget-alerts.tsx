import type { Alert } from '../../alerts/alert.ts'
import { formatInstant } from '../days.ts'
import { formatMoney } from '../format.ts'
import { overviewHref } from '../links.ts'
import type { Overview } from '../load.ts'

/** More than these are a number: the results stay in sight. */
const MAX_SHOWN = 4

const NAMES = { total: 'total budget', monthly: 'budget of this month', daily: 'budget of today' }

function sentence({ threshold, budget, limitMinor, currency }: Alert): string {
  const limit = formatMoney(limitMinor, currency)
  return threshold === 100 ? `${NAMES[budget]}, ${limit}, is used up` : `${threshold} % of the ${NAMES[budget]}, ${limit}, is used`
}

/** Budgets that reached 50, 80 or 100 %, each with its campaign. Nothing while there are none. */
export function BudgetAlerts({ overview: { alerts, campaigns, view } }: { overview: Overview }) {
  if (alerts.length === 0) return null
  return (
    <aside class="alerts" aria-label="Budgets" data-key="alerts">
      <ul>
        {alerts.slice(0, MAX_SHOWN).map((alert) => {
          const row = campaigns.find(({ id }) => id === alert.campaign)
          return (
            <li data-key={alert.id} data-threshold={alert.threshold}>
              {view.campaign === null && <a href={overviewHref(view, { campaign: alert.campaign })}>{row?.name ?? alert.campaign}</a>}
              <span class="what">{sentence(alert)}</span>
              <span class="since">{formatInstant(alert.at, row?.setup?.timeZone ?? 'UTC')}</span>
            </li>
          )
        })}
        {alerts.length > MAX_SHOWN && <li class="more">and {alerts.length - MAX_SHOWN} more</li>}
      </ul>
    </aside>
  )
}
