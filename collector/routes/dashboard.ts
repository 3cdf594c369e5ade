import { createHmac } from 'node:crypto'
import type { Hono } from 'hono'
import { currentAlerts } from '../alerts/currentAlerts.ts'
import type { Collector } from '../app.ts'
import { isToken } from '../auth.ts'
import { createDashboard } from '../dashboard/dashboard.tsx'
import { explainEvent } from '../explain/explainEvent.ts'
import { findEvents } from '../explain/findEvents.ts'
import { computeResults } from '../results/computeResults.ts'
import { parseResultsQuery } from '../results/query.ts'
import { dashboardStatements } from './dashboardStatements.ts'
import { dashboardTerms } from './dashboardTerms.ts'

/** The dashboard, handed what it shows. */
export function dashboardRoutes(collector: Collector): Hono {
  const { store, registry, now, adminTokenHash, onCommit, assets, closing } = collector
  return createDashboard({
    async results({ by, ...asked }) {
      const parameters = { by: by.join(','), ...asked }
      return computeResults(parseResultsQuery(parameters, { registry, now: now() }), { store, registry, now: now() })
    },
    campaigns: registry.campaigns,
    sites: registry.sites,
    explain: (id) => explainEvent(id, { store, registry }),
    find: (text) => findEvents(text, { store, registry }),
    statements: dashboardStatements(collector),
    terms: dashboardTerms(collector),
    alerts: () => currentAlerts(registry.campaigns(), { alert: registry.notices.alert, now: now() }),
    isAdminToken: (token) => isToken(token, adminTokenHash),
    // Another admin token ends every session.
    sessionSecret: createHmac('sha256', adminTokenHash).update('dashboard session').digest('hex'),
    now,
    onCommit,
    closing,
    assets: { script: assets.dashboardScript, style: assets.dashboardStyle },
  })
}
