import { RefusalError } from '../errors.ts'
import type { Statement } from '../money/statement.ts'
import type { Campaign, Registry } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { closingStatement } from './computeStatement.ts'
import { addDays, dayOf } from './days.ts'

/**
 * Closes a period of a campaign and gives its statement, in which nothing changes any more.
 *
 * A period begins on the day after the last closed one; the first begins with the first result, or with `from`. Throws RefusalError naming what is wrong with it.
 */
export async function closePeriod(
  { campaign, from: given, to = '' }: { campaign: Campaign; from?: string; to?: string | undefined },
  { registry, store, now }: { registry: Registry; store: Store; now: number },
): Promise<Statement> {
  const { id, timeZone } = campaign
  await registry.refresh()
  const refuse = (field: string, message: string) => new RefusalError('invalid_request', `${field}: ${message}`, field)
  if (!/^\d{4}-\d\d-\d\d$/.test(to)) throw refuse('to', 'must be the last day of the period, like 2026-11-30')
  const closed = registry.closings(id)
  const last = closed.at(-1)
  const first = last ? undefined : await store.firstAt(id)
  const due = last ? addDays(last.to, 1) : first === undefined ? undefined : dayOf(first, timeZone)
  const from = given ?? due
  if (from === undefined) throw refuse('campaign', 'has no results yet, so there is nothing to close')
  if (last && from !== due) throw refuse('from', `must be ${due}, the day after the last closed one; or leave it out`)
  if (!last && due !== undefined && from > due)
    throw refuse('from', `must be ${due} or before, when the first result occurred; or leave it out`)
  if (to < from) throw refuse('to', `must not be before ${from}, where the period begins`)
  const today = dayOf(now, timeZone)
  if (to >= today) throw refuse('to', `must be a day that is over; today is ${today} in ${timeZone}`)
  const statement = await closingStatement({ campaign, from, to }, { store, closed })
  await registry.close(statement)
  return statement
}
