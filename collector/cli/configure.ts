import type { z } from 'zod'
import { LIMITS } from '../../sdk/wire.ts'
import { UsageError } from './cli.ts'

/** Said after each change. */
export const SEEN_SOON = 'A collector that is running sees the change within seconds.\n'

/** What was given, without what was not. */
export const given = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** Values that a schema of the API accepts. Throws UsageError naming the option, by the path in the schema (`pays.0`), and what it must be. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  { value, options }: { value: unknown; options: Record<string, string> },
): z.output<Schema> {
  const { data, error } = schema.safeParse(value)
  if (data !== undefined) return data
  const [issue] = error?.issues ?? []
  const path = (issue?.path ?? []).map(String)
  const option = path.map((_, i) => options[path.slice(0, i + 1).join('.')]).find((name) => name !== undefined)
  throw new UsageError(`${option ?? path.join('.')}: ${issue?.message}`)
}

/** An id as the API takes it: 1-128 characters, not a key that objects have by themselves. Throws UsageError. */
export function checkId(id: string | undefined): string {
  if (id === undefined || id === '' || id.length > LIMITS.tagLength) throw new UsageError(`ID: must be 1 to ${LIMITS.tagLength} characters`)
  if (['__proto__', 'constructor', 'prototype'].includes(id)) throw new UsageError(`ID: must not be "${id}"`)
  return id
}
