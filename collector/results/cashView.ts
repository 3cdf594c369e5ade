import type { Store } from '../store/store.ts'
import { asOf } from './asOf.ts'
import { addDays, dayOf, dayStart } from './days.ts'
import type { Group } from './groups.ts'
import type { ResultsQuery } from './query.ts'
import { addSums, emptySums } from './sums.ts'

type GroupsOf = (query: ResultsQuery, store: Store) => Promise<Group[]>

const keyOf = ({ key }: Group) => JSON.stringify(key)
const onDay = ({ key, ...rest }: Group, day: string): Group => ({ ...rest, key: { ...key, day } })
const dayIn = ({ key }: Group) => key.day ?? ''

/** What of earlier days changed from one state of knowledge to the next, as groups of the day on which it became known. */
function changes(before: Group[], after: Group[], day: string): Group[] {
  const earlier = (groups: Group[]) => new Map(groups.filter((group) => dayIn(group) < day).map((group) => [keyOf(group), group]))
  const [was, is] = [earlier(before), earlier(after)]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    const group = is.get(key) ?? was.get(key)
    if (!group) return []
    const sums = emptySums()
    const [plus, minus] = [is.get(key), was.get(key)]
    if (plus) addSums(sums, plus.sums)
    if (minus) addSums(sums, minus.sums, -1)
    return [onDay({ ...group, sums }, day)]
  })
}

/**
 * The groups of a campaign with every correction on the day on which it happened, instead of the day of the result that it corrects.
 *
 * What a day owes is what was owed by its end, by all that was known then, less what was owed before: so both views have the same sum, budgets and rounding
 * included, over a range that has all results and their corrections.
 */
export async function cashView(
  campaign: string,
  { query, store, groupsOf }: { query: ResultsQuery; store: Store; groupsOf: GroupsOf },
): Promise<Group[]> {
  const { from, to, tz } = query
  const adjusted = await store.adjusted({ campaign, since: dayStart(from, tz) })
  if (adjusted.length === 0) return groupsOf(query, store)
  const instants = adjusted.flatMap(({ evidence }) =>
    (evidence.adjustments ?? []).filter(({ action }) => action !== 'mature' && action !== 'judge'),
  )
  const days = [...new Set(instants.map(({ at }) => dayOf(at, tz)))].filter((day) => day >= from && day <= to).sort()
  const [first = from] = [from, ...adjusted.map(({ occurredAt }) => dayOf(occurredAt, tz))].sort()
  const isByDay = query.by.includes('day')
  const wide: ResultsQuery = { ...query, from: first, by: isByDay ? query.by : [...query.by, 'day'] }
  const knownBy = (day: string) => groupsOf(wide, asOf(store, { campaign, adjusted, at: dayStart(addDays(day, 1), tz) - 1 }))

  const found: Group[] = []
  let start = from
  let before = await knownBy(addDays(from, -1))
  for (const day of days) {
    const after = await knownBy(day)
    found.push(...before.filter((group) => dayIn(group) >= start && dayIn(group) < day), ...changes(before, after, day))
    start = day
    before = after
  }
  found.push(...before.filter((group) => dayIn(group) >= start))
  if (isByDay) return found
  return found.map(({ key: { day, ...key }, ...rest }) => ({ ...rest, key }))
}
