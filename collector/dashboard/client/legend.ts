import type { ChartData, ChartMetric } from '../chart-data.ts'
import { formatDays, formatWeekday } from '../days.ts'
import { formatAmount, formatCount } from '../format.ts'

/**
 * The chart's legend as a small ledger: each series with its value on the day under the cursor, or its total over all days.
 *
 * Draws itself into `box` and returns `show`, to be called with the index of a day or null.
 */
export function legendIn(
  box: HTMLElement,
  options: { data: ChartData; metric: ChartMetric; hidden: ReadonlySet<string>; onToggle(name: string): void },
): { show(day: number | null): void } {
  const { data, metric, hidden, onToggle } = options
  const when = element('p', 'legend-when')
  const list = element('ul', 'legend-series')
  const sum = element('span', 'legend-value')
  const total = element('p', 'legend-total', [element('span', '', ['Total']), sum])

  const values = metric.series.map(({ name, slot }) => {
    const value = element('span', 'legend-value')
    const button = element('button', 'legend-item', [
      element('span', `swatch series-${slot}`),
      element('span', 'legend-name', [name]),
      value,
    ])
    button.type = 'button'
    button.title = name
    button.setAttribute('aria-pressed', String(!hidden.has(name)))
    button.addEventListener('click', () => {
      onToggle(name)
      button.setAttribute('aria-pressed', String(!hidden.has(name)))
    })
    list.append(element('li', '', [button]))
    return value
  })

  function show(day: number | null): void {
    const from = data.days[0]
    const to = data.days.at(-1)
    const shown = day === null ? undefined : data.days[day]
    const isToday = data.untilToday && shown === to
    when.textContent = shown ? `${formatWeekday(shown)}${isToday ? ', so far' : ''}` : from && to ? formatDays(from, to) : ''
    const amounts = metric.series.map((series) => (shown && day !== null ? BigInt(series.values[day] ?? 0) : sumOf(series.values)))
    amounts.forEach((amount, index) => {
      const value = values[index]
      if (value) value.textContent = format(amount, metric.currency)
    })
    sum.textContent = format(sumOf(amounts), metric.currency)
  }

  show(null)
  const focused = box.contains(document.activeElement) ? document.activeElement?.getAttribute('title') : null
  if (metric.series.length === 0) list.append(element('li', 'empty', ['None in this period.']))
  box.replaceChildren(when, list, ...(metric.series.length > 1 ? [total] : []))
  if (focused) [...list.querySelectorAll('button')].find((button) => button.title === focused)?.focus()
  return { show }
}

function sumOf(values: (number | bigint)[]): bigint {
  return values.reduce((sum: bigint, value) => sum + BigInt(value), 0n)
}

function format(amount: bigint, currency: string | null): string {
  return currency === null ? formatCount(amount) : formatAmount(amount, currency)
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  children: (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  made.className = className
  made.append(...children)
  return made
}
