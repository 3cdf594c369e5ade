import { formatInstant } from '../days.ts'
import type { CampaignRow } from '../load.ts'
import { statementHref } from '../statement.tsx'
import { currentTerms, formatPays } from '../terms.ts'
import { termsHref } from '../terms-page.tsx'
import { SetUpHint } from './set-up-hint.tsx'

/** Every version of a campaign's terms, newest first. */
export function CampaignTerms({ row, now, origin }: { row: CampaignRow; now: number; origin: string }) {
  const { setup } = row
  const versions = (setup?.terms ?? []).toSorted((a, b) => b.from - a.from)
  const current = currentTerms(versions, now)
  return (
    <section aria-labelledby="terms" data-key="terms">
      <div class="section-head">
        <h2 id="terms">Terms</h2>
        {setup && (
          <p class="unit">
            {setup.currency}, days of {setup.timeZone} · <a href={statementHref(setup.id)}>Statement</a> ·{' '}
            <a href={termsHref(setup.id)}>Change terms</a>
          </p>
        )}
      </div>
      {!setup && (
        <>
          <p class="empty">This campaign is not set up: its results are counted, but nothing is owed.</p>
          <SetUpHint campaign={row.id} origin={origin} />
        </>
      )}
      {setup && versions.length === 0 && <p class="empty">No terms yet: results are counted, but nothing is owed.</p>}
      {setup && versions.length > 0 && (
        <ol class="versions">
          {versions.map((version) => (
            <li {...(version === current && { 'aria-current': 'true' as const })}>
              <span class="since">From {formatInstant(version.from, setup.timeZone)}</span>
              <span class="pays">{formatPays(version.pays, setup.currency)}</span>
              {version === current && <span class="badge now">in force</span>}
              {version.status === 'paused' && <span class="badge">paused</span>}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
