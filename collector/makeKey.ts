import { hashToken, newKey } from './auth.ts'
import { RefusalError } from './errors.ts'
import type { Key, Registry } from './registry.ts'

/** Makes a key of a site. Resolves with the secret, which nothing tells again. Throws RefusalError for a site that is not there. */
export async function makeKey(
  registry: Registry,
  { site, role, id, signs, now }: Pick<Key, 'site' | 'role' | 'id'> & { signs: boolean; now: number },
): Promise<{ key: string; made: Key }> {
  if (!registry.site(site)) throw new RefusalError('not_found', `there is no site "${site}"; make it with PUT /v1/sites/ID`, 'site')
  const { key, prefix } = newKey(signs ? id : undefined)
  const made: Key = { id, role, site, prefix, hash: hashToken(key), ...(signs && { signs }), madeAt: now, revoked: false }
  await registry.putKey(made)
  return { key, made }
}
