import type { LineEvents } from '../results/lineEvents.ts'
import type { Assets } from './assets.ts'
import { formatDays, formatInstant } from './days.ts'
import { formatMoney } from './format.ts'
import { Page } from './page.tsx'
import { TableFrame } from './parts/table.tsx'
import { lineHref, statementHref } from './statement.tsx'
import { type Campaign, MODEL_NAMES } from './terms.ts'

/** The events of one line. */
export function StatementLinePage({
  assets,
  campaign,
  line,
  found,
}: {
  assets: Assets
  campaign: Campaign
  line: { day: string; model: string; terms: string }
  found: LineEvents
}) {
  const title = `${MODEL_NAMES[line.model as keyof typeof MODEL_NAMES]}, ${formatDays(line.day, line.day)}`
  return (
    <Page title={title} assets={assets} loggedIn live={false}>
      <div class="title-row">
        <div class="title">
          <p class="crumb">
            <a href={statementHref(campaign.id)}>Statement of {campaign.name}</a>
          </p>
          <h1>{title}</h1>
        </div>
      </div>
      {found.events.length === 0 ? (
        <p class="empty">
          The ledger holds no events of this line any more, or none counts now. Sums stay when retention takes the details.
        </p>
      ) : (
        <TableFrame id="events-table" label="Events">
          <table>
            <caption class="unseen">Results that make up the line, in the order in which they occurred</caption>
            <thead>
              <tr>
                <th scope="col">Time, {campaign.timeZone}</th>
                <th scope="col">Order or lead</th>
                <th scope="col">Value</th>
                <th scope="col">Placement</th>
                <th scope="col">Site</th>
              </tr>
            </thead>
            <tbody>
              {found.events.map(({ id, occurredAt, site, placement, orderId, leadId, valueMinor, currency }) => (
                <tr>
                  <th scope="row">
                    <a href={`/dashboard/events/${id}`}>{formatInstant(occurredAt, campaign.timeZone)}</a>
                  </th>
                  <td>{orderId ?? leadId ?? '–'}</td>
                  <td class="n">{valueMinor !== null && currency !== null ? formatMoney(valueMinor, currency) : '–'}</td>
                  <td>{placement ?? '–'}</td>
                  <td>{site}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {found.next && (
        <p class="downloads">
          <a href={lineHref(campaign.id, { ...line, after: found.next })} rel="next">
            Later ones
          </a>
        </p>
      )}
    </Page>
  )
}
