import { createHmac } from 'node:crypto'
import type { Store } from '../store/store.ts'
import { networkOf } from './sourceOf.ts'

const DAY_MS = 86_400_000

/**
 * Makes visitor keys for filters: an HMAC, under a salt of the day, of site, network and user agent. 64 bits, hex.
 *
 * Nobody is known by it on another day or another site, and once the salt is gone (48 h) it can be traced to nobody.
 */
export function visitorKeys(store: Store): (visitor: { site: string; source: string; userAgent: string; now: number }) => Promise<string> {
  let today = -1
  let salt: Promise<Uint8Array> = Promise.resolve(new Uint8Array())
  return async ({ site, source, userAgent, now }) => {
    const day = Math.floor(now / DAY_MS)
    if (day !== today) {
      today = day
      salt = store.salt(day)
      salt.catch(() => {
        today = -1 // the store could not serve: ask again with the next visitor
      })
    }
    const hmac = createHmac('sha256', await salt)
    return hmac
      .update(JSON.stringify([site, networkOf(source), userAgent]))
      .digest('hex')
      .slice(0, 16)
  }
}
