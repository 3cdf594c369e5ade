import type { z } from 'zod'
import { UsageError } from './cli.ts'

/** Said after each change: what a running collector does not know. */
export const AFTER_RESTART = 'A collector that is running sees it after a restart.\n'

/** Values that a schema of the API accepts. Throws UsageError naming the first field that is wrong. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(`${issue?.path.join('.') || 'value'}: ${issue?.message}`)
}

/** An object without what was not given. */
export const given = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
