// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { vitals } from '../../sdk/vitals.ts'
import { LIMITS, parseBatch, parseVital } from '../../sdk/wire.ts'
import { setVisibility, visit } from './fakes.ts'

const beacon = vi.fn((_url: string, _body: string) => true)
beforeEach(() => {
  visit('/landing?utm_campaign=spring&utm_source=news&tm_placement=top')
  Object.assign(navigator, { sendBeacon: beacon })
})
afterEach(() => {
  visit('/')
  vi.clearAllMocks()
  vi.restoreAllMocks()
})

/** Starts with a watch that the test drives. */
function start(options: Partial<Parameters<typeof vitals>[0]> = {}) {
  let report = (_: { id: string; name: 'LCP' | 'CLS'; value: number }) => {}
  const watch = (given: unknown) => {
    report = given as typeof report
  }
  vitals({ site: 'shop', endpoint: 'https://t.example/', ...options }, [watch as never])
  return (metric: { id: string; name: 'LCP' | 'CLS'; value: number }) => report(metric)
}

const sent = () => beacon.mock.calls.map(([, body]) => JSON.parse(body))

test('sends what was measured when the page is hidden, with campaign and landing page', () => {
  const report = start()
  report({ id: 'v5-1', name: 'LCP', value: 1_234.5678 })
  report({ id: 'v5-2', name: 'CLS', value: 0.123456 })
  expect(beacon).not.toHaveBeenCalled()
  setVisibility('hidden')
  dispatchEvent(new Event('pagehide'))
  expect(beacon.mock.calls.map(([url]) => url)).toEqual(['https://t.example/v1/events'])
  const rest = { page: '/landing', campaign: 'spring', source: 'news', consent: 'granted' }
  expect(sent()[0]).toMatchObject({
    site: 'shop',
    events: [],
    vitals: [
      { name: 'LCP', value: 1_234.6, ...rest },
      { name: 'CLS', value: 0.123, ...rest },
    ],
  })
  const body = beacon.mock.calls[0]?.[1] as string
  const { vitals, events } = parseBatch(JSON.parse(body), { bodyBytes: body.length, maxEvents: LIMITS.eventsFromBrowser })
  expect(events).toEqual([])
  expect(vitals.map(({ name, rating, campaign }) => [name, rating, campaign])).toEqual([
    ['LCP', 'good', 'spring'],
    ['CLS', 'needs-improvement', 'spring'],
  ])
})

test('sends a later value under the same id, and nothing twice', () => {
  const report = start()
  report({ id: 'v5-1', name: 'CLS', value: 0.1 })
  setVisibility('hidden')
  setVisibility('visible')
  report({ id: 'v5-1', name: 'CLS', value: 0.3 })
  setVisibility('hidden')
  setVisibility('visible')
  setVisibility('hidden')
  const [first, second] = sent().map(({ vitals }) => vitals)
  expect(sent()).toHaveLength(2)
  expect(second).toMatchObject([{ id: first[0].id, value: 0.3 }])
})

test('throws nothing when the page has no sendBeacon, and stores nothing', () => {
  Object.assign(navigator, { sendBeacon: undefined })
  start()({ id: 'v5-1', name: 'LCP', value: 1 })
  expect(() => setVisibility('hidden')).not.toThrow()
  expect(localStorage).toHaveLength(0)
})

test('watches the five vitals of web-vitals', () => {
  expect(() => vitals({ site: 'shop', endpoint: 'https://t.example' })).not.toThrow()
  expect(() => vitals({ site: 'shop' } as never)).toThrow(/vitals needs site and endpoint/)
})

test.each([
  [{ name: 'LCP', value: 2_500 }, 'good'],
  [{ name: 'LCP', value: 4_000 }, 'needs-improvement'],
  [{ name: 'INP', value: 501 }, 'poor'],
  [{ name: 'CLS', value: 0.1 }, 'good'],
  [{ name: 'TTFB', value: 1_801 }, 'poor'],
])('rates %j as %s', (vital, rating) => {
  expect(parseVital({ id: '0193a6b1-5c1e-7d3a-9f10-2b8e4a6c1d00', occurredAt: 1, ...vital }).rating).toBe(rating)
})

test.each([[{ name: 'FID' }], [{ value: -1 }], [{ value: '7' }], [{ id: 'x' }], [null], [7]])('leaves out %j', (given) => {
  const vital = { id: '0193a6b1-5c1e-7d3a-9f10-2b8e4a6c1d00', occurredAt: 1, name: 'LCP', value: 1 }
  const bad = typeof given === 'object' && given ? { ...vital, ...given } : given
  const batch = { site: 'shop', events: [], vitals: [vital, bad] }
  expect(parseBatch(batch, { bodyBytes: 1, maxEvents: 1 }).vitals).toHaveLength(1)
})
