import { CREDIT_MODELS, type CreditModel, DEFAULT_HALF_LIFE_MS } from '../attribution/credits.ts'
import { RefusalError } from '../errors.ts'
import type { ResultsQuery } from './query.ts'

/** What a row of a report by touches can be told apart by: campaign, site and day of the conversion, and the tags that touches carry. */
export const TOUCH_NAMES: readonly string[] = ['campaign', 'site', 'day', 'placement', 'source', 'medium', 'content', 'term']

const DAY_MS = 86_400_000

/** Parameters of a results query that only these reports have. */
export const CREDIT_PARAMETERS = ['halfLifeDays']

export const isCreditModel = (name: string): name is CreditModel => (CREDIT_MODELS as readonly string[]).includes(name)

/** The model of a results query, unless it is the last click, which is billed. */
export interface CreditQuery {
  model: CreditModel
  halfLifeMs: number
}

function refuseUntouched({ by, filters }: Pick<ResultsQuery, 'by' | 'filters'>): void {
  const refuse = (field: string, name: string) => {
    throw new RefusalError(
      'invalid_filter',
      `${field}: a touch has no "${name.slice(0, 64)}"; with this model names are ${TOUCH_NAMES.join(', ')}`,
      field.slice(0, 64),
    )
  }
  for (const name of by) if (!TOUCH_NAMES.includes(name)) refuse('by', name)
  for (const name of Object.keys(filters)) if (!TOUCH_NAMES.includes(name)) refuse(name, name)
}

/**
 * `model` and `halfLifeDays` of a results query that was checked otherwise; undefined for the last click.
 *
 * Throws RefusalError naming the parameter, also for names of `query` that no touch carries.
 */
export function parseCredit({ model, halfLifeDays }: Record<string, string>, query: ResultsQuery): CreditQuery | undefined {
  if (halfLifeDays && model !== 'decay') throw new RefusalError('invalid_filter', 'halfLifeDays goes with model=decay only', 'halfLifeDays')
  const days = halfLifeDays ? Number(halfLifeDays) : DEFAULT_HALF_LIFE_MS / DAY_MS
  if (!(days >= 0.01 && days <= 365))
    throw new RefusalError('invalid_filter', 'halfLifeDays must be a number of days from 0.01 to 365, like 7', 'halfLifeDays')
  if (!model || !isCreditModel(model)) return undefined
  refuseUntouched(query)
  return { model, halfLifeMs: Math.round(days * DAY_MS) }
}
