import type { Context } from 'hono'
import type { z } from 'zod'
import { LIMITS } from '../../sdk/wire.ts'
import { RefusalError } from '../errors.ts'
import { readJson } from '../ingest/readJson.ts'

/** The checked body of a request, of at most `maxBytes`. Throws RefusalError naming the first field that is wrong, as `pays[0].rate`. */
export async function bodyOf<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  maxBytes: number = LIMITS.bodyBytes,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readJson(c.req.raw, maxBytes))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  const field = path.replace(/^\./, '') || 'body'
  throw new RefusalError('invalid_request', `${field}: ${issue?.message}`, field)
}
