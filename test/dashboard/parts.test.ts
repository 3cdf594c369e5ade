import { expect, test } from 'vitest'
import { assignSlots, chartData } from '../../collector/dashboard/chart-series.ts'
import { dayOf, daysBetween, isDay } from '../../collector/dashboard/days.ts'
import { formatAmount, formatMoney, formatPercent, formatRate, formatRatio, formatShare } from '../../collector/dashboard/format.ts'
import { readRange } from '../../collector/dashboard/range.ts'
import { readSplit } from '../../collector/dashboard/split.ts'
import { row } from './dependencies.ts'

test.each([
  [4_629_626, 'NOK', 'NOK\u00a046,296.26'],
  [5, 'NOK', 'NOK\u00a00.05'],
  [-5, 'NOK', '-NOK\u00a00.05'],
  [1_500, 'JPY', 'JPY\u00a01,500'],
  [1_500, 'KWD', 'KWD\u00a01.500'],
  [12_345_678_901_234_567_890n, 'USD', 'USD\u00a0123,456,789,012,345,678.90'],
] as const)('formats %s minor units of %s exactly', (minor, currency, text) => {
  expect(formatMoney(minor, currency)).toBe(text)
})

test('formats rates and shares with every digit agreed', () => {
  expect(formatAmount(100, 'NOK')).toBe('1.00')
  expect(formatRate('2', 'NOK')).toBe('2.00')
  expect(formatRate('0.0125', 'NOK')).toBe('0.0125')
  expect(formatShare('0.10')).toBe('10\u00a0%')
  expect(formatShare('0.125')).toBe('12.5\u00a0%')
})

test('shows a ratio over zero as a dash', () => {
  expect(formatPercent(null)).toBe('–')
  expect(formatRatio(null)).toBe('–')
  expect(formatPercent(0.0147)).toBe('1.47\u00a0%')
  expect(formatPercent(0.712)).toBe('71.2\u00a0%')
})

test('knows the days of the calendar', () => {
  expect(['2026-02-28', '2028-02-29'].every(isDay)).toBe(true)
  expect(['2026-02-29', '2026-13-01', '26-01-01', '2026-1-1', '', '9999-99-99'].some(isDay)).toBe(false)
  expect(daysBetween('2026-10-24', '2026-10-26')).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
  expect(daysBetween('2026-10-26', '2026-10-24')).toEqual([])
  expect(dayOf(Date.parse('2026-11-23T23:30:00Z'), 'Europe/Oslo')).toBe('2026-11-24')
})

test.each([
  [{}, '2026-02-16', '2026-03-17'],
  [{ range: 'today' }, '2026-03-17', '2026-03-17'],
  [{ range: '7d' }, '2026-03-11', '2026-03-17'],
  [{ range: 'month' }, '2026-03-01', '2026-03-17'],
  [{ range: 'last-month' }, '2026-02-01', '2026-02-28'],
  [{ range: 'nonsense' }, '2026-02-16', '2026-03-17'],
  [{ from: '2026-03-01' }, '2026-03-01', '2026-03-17'],
  [{ to: '2026-03-01' }, '2026-03-01', '2026-03-01'],
  [{ from: '2026-03-09', to: '2026-03-01' }, '2026-03-01', '2026-03-09'],
  [{ from: '2000-01-01', to: '2026-03-01' }, '2025-03-01', '2026-03-01'],
  [{ from: `2026-01-01'--`, to: '1' }, '2026-02-16', '2026-03-17'],
])('reads the range %o', (query, from, to) => {
  expect(readRange(query, '2026-03-17')).toMatchObject({ from, to })
})

test('splits by what is known, by segments and variants, and by nothing else', () => {
  expect(readSplit({ split: 'device' })).toBe('device')
  expect(readSplit({ segment: ' plan ' })).toBe('segment.plan')
  expect(readSplit({ split: 'variant.headline' })).toBe('variant.headline')
  for (const split of ['campaign,day', 'verdict', 'segment.', `segment.a' OR 1`, '']) expect(readSplit({ split })).toBe('placement')
})

const days = ['2026-11-22', '2026-11-23']

test('draws days without a row as zero and each currency on its own', () => {
  const campaigns = [
    { id: 'a', name: 'A', currency: 'NOK', slot: 1 },
    { id: 'b', name: 'B', currency: 'EUR', slot: 2 },
  ]
  const rows = [
    row({ campaign: 'a', day: '2026-11-23', costMinor: 7 }),
    row({ campaign: 'b', day: '2026-11-22', costMinor: 9, currency: 'EUR' }),
  ]
  const { metrics, untilToday } = chartData(rows, { days, today: '2026-11-23', campaigns })
  expect(untilToday).toBe(true)
  expect(metrics.map(({ key }) => key)).toEqual([
    'owed-EUR',
    'owed-NOK',
    'impressions',
    'clicks',
    'signups',
    'purchases',
    'revenue-EUR',
    'revenue-NOK',
  ])
  expect(metrics[0]?.series).toEqual([{ name: 'B', slot: 2, values: [9, 0] }])
  expect(metrics[1]?.series).toEqual([{ name: 'A', slot: 1, values: [0, 7] }])
})

test('draws eight campaigns and the rest together', () => {
  const ids = Array.from({ length: 11 }, (_, index) => `c${index}`)
  const campaigns = assignSlots(
    ids.map((id) => ({ id, name: id, currency: 'NOK' })),
    [],
  )
  const rows = ids.map((campaign) => row({ campaign, day: '2026-11-22', clicks: 1 }))
  const clicks = chartData(rows, { days, today: '2026-11-24', campaigns }).metrics.find(({ key }) => key === 'clicks')
  expect(clicks?.series).toHaveLength(9)
  expect(clicks?.series.at(-1)).toEqual({ name: '3 others', slot: 0, values: [3, 0] })
})

test('keeps the colour of a campaign when another overtakes it', () => {
  const slots = (ids: string[]) =>
    Object.fromEntries(
      assignSlots(
        ids.map((id) => ({ id })),
        ['b', 'a'],
      ).map(({ id, slot }) => [id, slot]),
    )
  expect(slots(['a', 'b', 'x', ''])).toEqual(slots(['', 'x', 'b', 'a']))
  expect(slots(['a', 'b', 'x', ''])).toEqual({ b: 1, a: 2, x: 3, '': 4 })
})
