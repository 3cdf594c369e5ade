import type { Context } from 'hono'
import { RefusalError } from '../errors.ts'

/** The parameters of a request that are not empty. Throws RefusalError for one that is not among `names`: a filter that is misspelt would show everything. */
export function queryOf<Name extends string>(c: Context, names: readonly Name[]): Partial<Record<Name, string>> {
  const given = Object.entries(c.req.query())
  const [unknown] = given.map(([name]) => name).filter((name) => !names.includes(name as Name))
  if (unknown === undefined) return Object.fromEntries(given.filter(([, value]) => value !== '')) as Partial<Record<Name, string>>
  const name = unknown.slice(0, 64)
  throw new RefusalError(
    'invalid_filter',
    `${name} is not a parameter here; there ${names.length > 0 ? `are ${names.join(', ')}` : 'is none'}`,
    name,
  )
}
