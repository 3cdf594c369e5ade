import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import type { Counters } from '../store/store.ts'

/** A label's value in the text format of Prometheus. */
const quoted = (value: string) => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

function metric(
  name: string,
  { help, type }: { help: string; type: 'counter' | 'gauge' },
  samples: [labels: string, value: number][],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

const byLabel = (label: string, counts: Record<string, number>): [string, number][] =>
  Object.entries(counts).map(([value, count]) => [`{${label}=${quoted(value)}}`, count])

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0)

/** received = counted + not counted + duplicates + failed, so this is 0; anything else is a mistake of ours. */
function unaccounted({ received, counted, notCounted, duplicates, failed }: Counters): number {
  return received - counted - sum(notCounted) - duplicates - sum(failed)
}

/** `GET /metrics`: what became of every event, in the text format of Prometheus. */
export function metricsRoutes({ store }: Collector): Hono {
  const routes = new Hono()
  routes.get('/metrics', async (c) => {
    const counters = await store.counters()
    const { received, counted, notCounted, duplicates, failed } = counters
    c.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    return c.body(
      [
        metric('tallymark_events_received_total', { help: 'Events that came in.', type: 'counter' }, [['', received]]),
        metric('tallymark_events_counted_total', { help: 'Events that count.', type: 'counter' }, [['', counted]]),
        metric(
          'tallymark_events_not_counted_total',
          { help: 'Events in the ledger that do not count, by verdict.', type: 'counter' },
          byLabel('verdict', notCounted),
        ),
        metric('tallymark_events_duplicate_total', { help: 'Events that were known already.', type: 'counter' }, [['', duplicates]]),
        metric(
          'tallymark_events_failed_total',
          { help: 'Events that could not be taken, by code.', type: 'counter' },
          byLabel('code', failed),
        ),
        metric('tallymark_events_unaccounted', { help: 'Received less all of the above: 0.', type: 'gauge' }, [
          ['', unaccounted(counters)],
        ]),
        metric('tallymark_queue_full', { help: '1 while the commit queue takes no more.', type: 'gauge' }, [['', store.isFull() ? 1 : 0]]),
      ].join(''),
    )
  })
  return routes
}
