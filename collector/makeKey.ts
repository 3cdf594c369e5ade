import { hashToken, newKey } from './auth.ts'
import { RefusalError } from './errors.ts'
import type { Key, Registry } from './registry.ts'

/** Makes a key of a site. Resolves with the secret, which nothing tells again. Throws RefusalError for a site that is not there. */
export async function makeKey(
  registry: Registry,
  { site, role, id, now }: Pick<Key, 'site' | 'role' | 'id'> & { now: number },
): Promise<{ key: string; made: Key }> {
  if (!registry.site(site)) throw new RefusalError('not_found', `there is no site "${site}"; make it with PUT /v1/sites/ID`, 'site')
  const { key, prefix } = newKey()
  const made: Key = { id, role, site, prefix, hash: hashToken(key), madeAt: now, revoked: false }
  await registry.putKey(made)
  return { key, made }
}
