import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { correctTime } from '../../collector/ingest/correctTime.ts'
import { openRegistry } from '../../collector/registry.ts'
import { computeResults } from '../../collector/results/computeResults.ts'
import { addDays, dayCount, dayOf, dayStart, isDay, isTimeZone } from '../../collector/results/days.ts'
import { parseResultsQuery } from '../../collector/results/query.ts'
import { idNumber, ledgerEventOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'

const ZONES = ['Europe/Oslo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Los_Angeles']
const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const DAY = 24 * 60 * MINUTE

/** The day on the wall, told by another part of the platform than the one under test. */
const wall = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (at: number) => format.format(at)
}

describe.each(ZONES)('days in %s', (zone) => {
  const onTheWall = wall(zone)

  it('begin and end where the wall clock says, over six years', () => {
    for (let day = '2024-01-01'; day < '2030-01-01'; day = addDays(day, 1)) {
      const start = dayStart(day, zone)
      expect([onTheWall(start), onTheWall(start - 1), start % QUARTER]).toEqual([day, addDays(day, -1), 0])
    }
  })

  it('have every instant in one of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) }), (at) => {
        const day = dayOf(at, zone)
        expect(day).toBe(onTheWall(at))
        expect(at).toBeGreaterThanOrEqual(dayStart(day, zone))
        expect(at).toBeLessThan(dayStart(addDays(day, 1), zone))
      }),
      { numRuns: 2_000 },
    )
  })

  it('count each event of two years once, clock changes included', async () => {
    const place = await sqlitePlace()
    const store = await place.open()
    const now = Date.UTC(2027, 0, 2)
    // Every 7 h 13 min, so that all times of day meet all days, and each minute of the hours in which clocks change.
    const times: number[] = []
    for (let at = Date.UTC(2025, 0, 1); at < now; at += 7 * 60 * MINUTE + 13 * MINUTE) times.push(at)
    for (let at = Date.UTC(2025, 0, 1); at < now; at += DAY) {
      const offset = (instant: number) => dayStart(dayOf(instant, zone), zone) % DAY
      if (offset(at) !== offset(at + DAY)) for (let minute = 0; minute < 1_440; minute += 7) times.push(at + minute * MINUTE)
    }
    await store.append(times.map((occurredAt, n) => ledgerEventOf({ id: idNumber(n, occurredAt), occurredAt, receivedAt: occurredAt })))
    const registry = await openRegistry({ store, now: () => now })
    const query = parseResultsQuery({ by: 'day', tz: zone, from: '2024-12-31', to: '2027-01-02' }, { registry, now })
    const { rows } = await computeResults(query, { store, registry, now })
    const expected = new Map<string, number>()
    for (const at of times) expected.set(onTheWall(at), (expected.get(onTheWall(at)) ?? 0) + 1)
    expect(new Map(rows.map(({ day, clicks }) => [day, clicks]))).toEqual(expected)
    await store.close()
    await place.destroy()
  })
})

describe('days', () => {
  it('know the calendar and the zones', () => {
    expect(['2026-02-28', '2028-02-29', '2026-02-29', '2026-13-01', '26-01-01', '2026-1-1'].map(isDay)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
    expect(['Europe/Oslo', 'UTC', '+05:30', 'Mars/Olympus', "UTC'--", ''].map(isTimeZone)).toEqual([true, true, false, false, false, false])
    expect([dayCount('2026-11-24', '2026-11-24'), dayCount('2026-02-01', '2026-03-01')]).toEqual([1, 29])
  })

  it('are those of the collector for any clock of a sender', () => {
    const receivedAt = Date.UTC(2026, 10, 24, 12)
    fc.assert(
      fc.property(fc.integer({ min: -3_650 * DAY, max: 3_650 * DAY }), fc.integer({ min: 0, max: 7 * DAY }), (skew, lag) => {
        const sentAt = receivedAt + skew
        const corrected = correctTime({ occurredAt: sentAt - lag, sentAt, receivedAt })
        expect(corrected).toEqual({ occurredAt: receivedAt - lag, clockAhead: false, offsetMs: receivedAt - sentAt })
      }),
    )
  })

  it('never lie in the future', () => {
    const time = fc.integer({ min: 0, max: 4e12 })
    fc.assert(
      fc.property(time, fc.option(time, { nil: undefined }), time, (occurredAt, sentAt, receivedAt) => {
        const corrected = correctTime({ occurredAt, sentAt, receivedAt })
        expect(corrected.occurredAt).toBeLessThanOrEqual(receivedAt + 5 * MINUTE)
        if (corrected.clockAhead) expect(corrected.occurredAt).toBe(receivedAt)
      }),
    )
  })
})
