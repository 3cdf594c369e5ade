import uPlot from 'uplot'
import type { ChartData, ChartMetric } from '../chart-data.ts'
import { formatDay } from '../days.ts'
import { currencyDigits } from '../format.ts'
import { legendIn } from './legend.ts'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
/** Below ten of the unit, where a tenth would make all steps the same. */
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })

// 1, 2, 5, 10, … up to 5e15: whole steps only, because there is no half click and no half øre.
const STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()
// Half of the room, and never wider than 72 px.
const BARS = uPlot.paths.bars?.({ size: [0.5, 72] }) ?? (() => null)

const DAY_STEPS = [1, 2, 3, 7, 14, 28, 56, 91]

/** The chart of a page. `update` reads the data in the page again, also when the chart has come or gone. */
export function chartOf(root: Document): { update(): void } {
  const hidden = new Set<string>()
  let plot: uPlot | undefined
  let legend: ReturnType<typeof legendIn> | undefined
  let layout = ''
  let watched: Element | undefined

  const resized = new ResizeObserver(() => {
    if (plot && watched) plot.setSize(sizeOf(watched))
  })

  function update(): void {
    const figure = root.getElementById('chart')
    const box = figure?.querySelector('.plot')
    const legendBox = figure?.querySelector<HTMLElement>('.legend')
    const data = figure && (JSON.parse(figure.dataset.chart ?? 'null') as ChartData | null)
    const metric = data && (data.metrics.find(({ key }) => key === chosen(root)) ?? data.metrics[0])
    if (!box || !legendBox || !metric) {
      clear()
      return
    }

    legend = legendIn(legendBox, {
      data,
      metric,
      hidden,
      onToggle(name) {
        if (!hidden.delete(name)) hidden.add(name)
        const index = metric.series.findIndex((series) => series.name === name)
        plot?.setSeries(index + 1, { show: !hidden.has(name) })
      },
    })
    const values = isOneDay(data) ? barsOf(metric) : linesOf(data, metric)
    const shape = JSON.stringify([metric.key, data.days, metric.series.map(({ name, slot }) => [name, slot])])
    if (plot && shape === layout && watched === box) {
      plot.setData(values)
      legend.show(isOneDay(data) ? null : (plot.cursor.idx ?? null))
      return
    }
    clear()
    layout = shape
    watched = box
    plot = new uPlot(optionsFor({ data, metric, hidden, size: sizeOf(box), onDay: (day) => legend?.show(day) }), values, box as HTMLElement)
    resized.observe(box)
  }

  function clear(): void {
    resized.disconnect()
    plot?.destroy()
    plot = undefined
    watched = undefined
  }

  root.addEventListener('change', (event) => {
    const input = event.target
    if (!(input instanceof HTMLInputElement) || input.name !== 'metric' || input.type !== 'radio') return
    const address = new URL(location.href)
    address.searchParams.set('metric', input.value)
    history.replaceState(null, '', address)
    update()
    dispatchEvent(new Event('tallymark:view'))
  })
  root.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step || !plot?.cursor.show || event.target !== watched) return
    event.preventDefault()
    const last = plot.data[0].length - 1
    const day = Math.min(last, Math.max(0, (plot.cursor.idx ?? (step > 0 ? -1 : last + 1)) + step))
    plot.setCursor({ left: plot.valToPos(day, 'x'), top: 0 })
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    layout = '' // colours are taken when the chart is made
    update()
  })
  update()
  return { update }
}

// One day has no course to draw: its series stand side by side as bars.
function isOneDay(data: ChartData): boolean {
  return data.days.length === 1
}

function linesOf(data: ChartData, metric: ChartMetric): uPlot.AlignedData {
  return [data.days.map((_, day) => day), ...metric.series.map((series) => series.values)]
}

// Every series has a place of its own on the x axis.
function barsOf(metric: ChartMetric): uPlot.AlignedData {
  const places = metric.series.map((_, place) => place)
  return [places, ...metric.series.map(({ values }, own) => places.map((place) => (place === own ? (values[0] ?? 0) : null)))]
}

function chosen(root: Document): string | undefined {
  return root.querySelector<HTMLInputElement>('#metrics input:checked')?.value
}

function optionsFor(options: {
  data: ChartData
  metric: ChartMetric
  hidden: Set<string>
  size: { width: number; height: number }
  onDay(day: number | null): void
}): uPlot.Options {
  const { data, metric, hidden, size, onDay } = options
  const { days } = data
  const oneDay = isOneDay(data)
  const last = oneDay ? metric.series.length - 1 : days.length - 1
  const label = (place: number) => (oneDay ? shorten(metric.series[place]?.name ?? '') : days[place] ? formatDay(days[place]) : '')
  const unit = metric.currency === null ? 1 : 10 ** currencyDigits(metric.currency)
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = `12px ${getComputedStyle(document.body).fontFamily}`
  const axis = { stroke: colour('--muted'), font, ticks: { show: false } }
  return {
    ...size,
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: {
      show: !oneDay,
      y: false,
      // On the day, not beside it; negative is off the chart.
      move: (plot, left, top) => [left < 0 ? left : plot.valToPos(plot.posToIdx(left), 'x'), top],
      drag: { x: false, y: false },
      points: { size: 8, width: 2, fill: () => colour('--sheet'), stroke: (_, index) => seriesColour(index) },
    },
    scales: {
      x: { time: false, range: () => (oneDay ? [-0.5, last + 0.5] : [0, last]) },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(max ?? 0, 1) * 1.06] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        gap: 8,
        size: 36,
        space: oneDay ? 1 : 64,
        incrs: oneDay ? [1] : DAY_STEPS,
        values: (_, splits) => splits.map(label),
      },
      {
        ...axis,
        grid: { stroke: colour('--rule'), width: 1 },
        gap: 8,
        space: 44,
        incrs: STEPS,
        size: (plot, values) => widest(plot, values ?? []) + 18,
        values: (_, splits) => {
          const { format } = Math.max(...splits) < 10 * unit ? fine : compact
          return splits.map((split) => format(split / unit))
        },
      },
    ],
    series: [
      {},
      ...metric.series.map(({ name, slot }) => ({
        label: name,
        show: !hidden.has(name),
        stroke: colour(`--series-${slot}`),
        points: { show: false },
        ...(oneDay ? { width: 0, fill: colour(`--series-${slot}`), paths: BARS } : { width: 2 }),
      })),
    ],
    hooks: {
      setCursor: [(plot) => onDay(plot.cursor.idx ?? null)],
      drawClear: [(plot) => data.untilToday && !oneDay && shadeLastDay(plot, colour('--paper'))],
    },
  }

  function seriesColour(index: number): string {
    return colour(`--series-${metric.series[index - 1]?.slot ?? 0}`)
  }
}

// Today's line still rises; a shade under its last stretch says that a fall there is none.
function shadeLastDay(plot: uPlot, colour: string): void {
  const last = plot.data[0].length - 1
  const left = plot.valToPos(last - 1, 'x', true)
  plot.ctx.fillStyle = colour
  plot.ctx.fillRect(left, plot.bbox.top, plot.valToPos(last, 'x', true) - left, plot.bbox.height)
}

function shorten(name: string): string {
  return name.length <= 18 ? name : `${name.slice(0, 17)}…`
}

function widest(plot: uPlot, labels: string[]): number {
  return Math.max(0, ...labels.map((label) => plot.ctx.measureText(label).width)) / devicePixelRatio
}

function sizeOf(box: Element): { width: number; height: number } {
  return { width: Math.max(1, box.clientWidth), height: Math.max(1, box.clientHeight) }
}
