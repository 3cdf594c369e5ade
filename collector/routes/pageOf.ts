import { bisect } from '../bisect.ts'
import { RefusalError } from '../errors.ts'

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000

/** Where a row stands in its list; no two stand alike. */
type Place = string[]

function readPlace(after: string, length: number): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))
    if (Array.isArray(place) && place.length === length && place.every((part) => typeof part === 'string')) return place
  } catch {
    // said below: it is none of ours, whatever is wrong in it
  }
  throw new RefusalError('invalid_filter', 'after must be the "next" of the page before', 'after')
}

const isAfter = (place: Place, mark: Place): boolean => {
  const i = place.findIndex((part, i) => part !== mark[i])
  return i >= 0 && (place[i] ?? '') > (mark[i] ?? '')
}

/**
 * A page of a list that is sorted by the places of its rows, and `next`, with which the following page is asked for; null after the last.
 *
 * The mark is where the page before ended and not a number, so that rows which come meanwhile neither repeat nor hide any. Throws RefusalError.
 */
export function pageOf<Row>(
  rows: Row[],
  { limit, after, placeOf }: { limit: string | undefined; after: string | undefined; placeOf: (row: Row) => Place },
): { page: Row[]; next: string | null } {
  const count = limit ? Number(limit) : DEFAULT_LIMIT
  if (!Number.isSafeInteger(count) || count < 1 || count > MAX_LIMIT)
    throw new RefusalError('invalid_filter', `limit must be a whole number from 1 to ${MAX_LIMIT}`, 'limit')
  const [first] = rows
  const mark = after && first ? readPlace(after, placeOf(first).length) : undefined
  const start = mark ? bisect(rows, (row) => isAfter(placeOf(row), mark)) : 0
  const page = rows.slice(start, start + count)
  const last = page.at(-1)
  const isMore = last !== undefined && start + page.length < rows.length
  return { page, next: isMore ? Buffer.from(JSON.stringify(placeOf(last))).toString('base64url') : null }
}
