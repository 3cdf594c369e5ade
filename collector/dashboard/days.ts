const DAY_MS = 86_400_000

const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const withWeekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
const long = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

/** The day, `YYYY-MM-DD`, that `now` (ms) falls on in an IANA time zone. */
export function dayOf(now: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
}

/** True for a day of the calendar written `YYYY-MM-DD`, from 2000 to 2099: `2026-02-30` is none. */
export function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && toDay(Date.parse(`${text}T00:00:00Z`)) === text
}

/** `days` may be negative. */
export function addDays(day: string, days: number): string {
  return toDay(toMs(day) + days * DAY_MS)
}

/** Both sorted; days compare as text. */
export function sortDays(a: string, b: string): [earlier: string, later: string] {
  return a <= b ? [a, b] : [b, a]
}

/** Every day from `from` to `to`, both included, ascending; none when `to` is before `from`. */
export function daysBetween(from: string, to: string): string[] {
  const length = Math.round((toMs(to) - toMs(from)) / DAY_MS) + 1
  return Array.from({ length: Math.max(0, length) }, (_, index) => addDays(from, index))
}

/** `3 Nov`. */
export function formatDay(day: string): string {
  return short.format(toMs(day))
}

/** `Tue, 3 Nov`. */
export function formatWeekday(day: string): string {
  return withWeekday.format(toMs(day))
}

/** `1–30 November 2026`, or one day. */
export function formatDays(from: string, to: string): string {
  return long.formatRange(toMs(from), toMs(to))
}

/** `24 Nov 2026, 09:31` in an IANA time zone. */
export function formatInstant(instant: number | string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(instant))
}

function toMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}

function toDay(ms: number): string {
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10)
}
