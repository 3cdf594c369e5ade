import type { PropsWithChildren } from 'hono/jsx'
import type { ChartData } from '../chart-data.ts'

/**
 * The chart per day, drawn by the client script, with its table as children.
 *
 * Its data stands in an attribute: text inside a script element cannot be escaped, and a second request would show another moment.
 */
export function Chart(props: PropsWithChildren<{ chart: ChartData; metric: string | null; timeZone: string }>) {
  const { chart, metric, timeZone, children } = props
  const chosen = metric ?? chart.metrics[0]?.key
  return (
    <section class="by-day" aria-labelledby="by-day" data-key="by-day">
      <div class="section-head">
        <h2 id="by-day">Per day</h2>
        <form id="metrics" class="needs-script">
          <fieldset class="metrics">
            <legend class="unseen">Shown in the chart</legend>
            {chart.metrics.map(({ key, label }) => (
              <label data-key={key}>
                <input type="radio" name="metric" value={key} checked={key === chosen} />
                <span>{label}</span>
              </label>
            ))}
          </fieldset>
        </form>
      </div>
      <figure id="chart" class="chart needs-script" data-chart={JSON.stringify(chart)}>
        {/* What is inside belongs to the client script. */}
        <div
          class="plot"
          data-keep
          role="img"
          tabindex={0}
          aria-label={`Line chart per day (${timeZone}). The table below has its figures.`}
        />
        <figcaption class="legend" data-keep />
      </figure>
      <details id="days">
        <summary>Figures per day</summary>
        {children}
      </details>
    </section>
  )
}
