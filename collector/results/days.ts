import { Temporal } from 'temporal-polyfill'

/** The day (`YYYY-MM-DD`) on which an instant falls in a zone. */
export function dayOf(at: number, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).toPlainDate().toString()
}

/** The instant (ms) at which a day begins in a zone, which is not midnight where a clock change skips it. */
export function dayStart(day: string, timeZone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime({ timeZone }).epochMilliseconds
}

/** The day `count` days later, earlier when negative. */
export function addDays(day: string, count: number): string {
  return Temporal.PlainDate.from(day).add({ days: count }).toString()
}

/** How many days from the first to the last, both included. */
export function dayCount(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days + 1
}

/** A real day of the calendar, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  // An import asks it ten thousand times; of a 30 February, Date makes a day of March.
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** A name that the IANA time zone database has. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)
  } catch {
    return false // RangeError: no such zone
  }
}
