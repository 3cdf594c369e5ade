import { CREDIT_MODELS, type CreditModel, DEFAULT_HALF_LIFE_MS } from '../attribution/credits.ts'
import { RefusalError } from '../errors.ts'

/** What a row of a report by touches can be told apart by: campaign, site and day of the conversion, and the tags that touches carry. */
export const TOUCH_NAMES: readonly string[] = ['campaign', 'site', 'day', 'placement', 'source', 'medium', 'content', 'term']

const DAY_MS = 86_400_000

const isModel = (name: string): name is CreditModel => (CREDIT_MODELS as readonly string[]).includes(name)

/** `model` and `halfLifeDays` of a results query; undefined for the last click. Throws RefusalError naming the parameter. */
export function parseCredit({ model, halfLifeDays }: Record<string, string>): { model: CreditModel; halfLifeMs: number } | undefined {
  if (model && model !== 'last' && !isModel(model))
    throw new RefusalError('invalid_filter', 'model must be last (which is billed), first, linear, decay or position', 'model')
  if (halfLifeDays && model !== 'decay') throw new RefusalError('invalid_filter', 'halfLifeDays goes with model=decay only', 'halfLifeDays')
  const days = halfLifeDays ? Number(halfLifeDays) : DEFAULT_HALF_LIFE_MS / DAY_MS
  if (!(days >= 0.01 && days <= 365))
    throw new RefusalError('invalid_filter', 'halfLifeDays must be a number of days from 0.01 to 365, like 7', 'halfLifeDays')
  return model && isModel(model) ? { model, halfLifeMs: Math.round(days * DAY_MS) } : undefined
}

/** Throws RefusalError for a name that no touch carries. */
export function refuseUntouched(by: string[], filters: object): void {
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
