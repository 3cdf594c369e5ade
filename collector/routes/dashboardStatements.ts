import type { Collector } from '../app.ts'
import type { StatementView } from '../dashboard/statement.tsx'
import { RefusalError } from '../errors.ts'
import type { Campaign } from '../registry.ts'
import { closePeriod } from '../results/closePeriod.ts'
import { computeStatement } from '../results/computeStatement.ts'
import { statementCsv } from '../results/csv.ts'
import { addDays, dayOf, isDay } from '../results/days.ts'
import { lineEvents } from '../results/lineEvents.ts'

/** What the dashboard's pages of statements are handed. */
export interface DashboardStatements {
  /** The statement of some days, of the open period where none are named. Undefined without such a campaign. */
  view(campaign: string, range: { from?: string | undefined; to?: string | undefined }): Promise<StatementView | undefined>
  csv(view: StatementView): string
  /** The events of one line. Rejects with RefusalError naming what is wrong with it. */
  line(campaign: string, line: Record<string, string>): ReturnType<typeof lineEvents>
  /** Closes the open period up to a day. Rejects with RefusalError naming what is wrong with it. */
  close(campaign: string, to: string): Promise<{ from: string; to: string }>
}

export function dashboardStatements({ store, registry, now }: Collector): DashboardStatements {
  function known(id: string): Campaign {
    const campaign = registry.campaign(id)
    if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id}"`)
    return campaign
  }

  async function openFrom({ id, timeZone }: Campaign): Promise<string | null> {
    const last = registry.closings(id).at(-1)
    if (last) return addDays(last.to, 1)
    const first = await store.firstAt(id)
    return first === undefined ? null : dayOf(first, timeZone)
  }

  return {
    async view(id, asked) {
      const campaign = registry.campaign(id)
      if (!campaign) return undefined
      const closed = registry.closings(id)
      const today = dayOf(now(), campaign.timeZone)
      const start = await openFrom(campaign)
      const open = { from: start !== null && start <= today ? start : today, to: today }
      const isAsked = isDay(asked.from ?? '') && isDay(asked.to ?? '') && (asked.from ?? '') <= (asked.to ?? '')
      const beside = { campaign, closed, openFrom: start, lastDay: addDays(today, -1) }
      const make = (range: { from: string; to: string }) => computeStatement({ campaign, ...range }, { store, closed })
      try {
        return { ...beside, statement: await make(isAsked ? { from: asked.from ?? '', to: asked.to ?? '' } : open) }
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error
        return { ...beside, statement: await make(open), refused: `${error.message}. Shown is the open period.` }
      }
    },
    csv: ({ statement }) => statementCsv(statement),
    line: async (id, line) => lineEvents(known(id), line, store),
    close: async (id, to) => closePeriod({ campaign: known(id), to }, { registry, store, now: now() }),
  }
}
