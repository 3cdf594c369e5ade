import { overviewHref, type View } from '../links.ts'
import { PRESETS } from '../range.ts'

/** Presets as links, and days to pick in a form that needs no script. */
export function RangePicker({ view }: { view: View }) {
  const { range, campaign, metric, split } = view
  return (
    <div class="range">
      <nav aria-label="Period">
        <ul class="presets">
          {PRESETS.map(({ id, label }) => (
            <li>
              <a
                href={overviewHref(view, { range: { ...range, preset: id } })}
                {...(range.preset === id && { 'aria-current': 'true' as const })}
              >
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <form class="days" method="get" action="/dashboard" aria-label="Days">
        <input type="date" name="from" value={range.from} aria-label="First day" required />
        <span aria-hidden="true">–</span>
        <input type="date" name="to" value={range.to} aria-label="Last day" required />
        {campaign && <input type="hidden" name="campaign" value={campaign} />}
        {metric && <input type="hidden" name="metric" value={metric} />}
        {campaign && split && <input type="hidden" name="split" value={split} />}
        <button type="submit">Show</button>
      </form>
    </div>
  )
}
