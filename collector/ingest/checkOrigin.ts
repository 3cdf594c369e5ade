import type { Site } from '../registry.ts'

/** An origin as browsers write it: scheme, host, port where it is not the scheme's own. */
const LOCAL = /^https?:\/\/(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/

/** Whether an origin is a page on this machine. */
export const isLocal = (origin: string): boolean => LOCAL.test(origin)

export type OriginCheck = 'allowed' | 'test' | 'refused'

/**
 * What a page's origin may do for a site.
 *
 * No origin at all is not a browser's page and is let through: an origin list stops other people's pages, not programs.
 * A page on localhost is a test unless the site lists or allows it, or has no list yet.
 */
export function checkOrigin(site: Site, origin: string | undefined): OriginCheck {
  if (origin === undefined || site.origins.includes(origin)) return 'allowed'
  if (!isLocal(origin)) return 'refused'
  return site.origins.length === 0 || site.allow.includes('localhost') ? 'allowed' : 'test'
}

/** What to do about a refused origin, in one sentence. */
export function originHelp(site: Site, origin: string): string {
  const body = JSON.stringify({ origins: [...site.origins, origin] })
  const now = site.origins.length === 0 ? 'has no origins yet and accepts localhost only' : `accepts ${site.origins.join(', ')}`
  return `site "${site.id}" ${now}; to accept ${origin} send PUT /v1/sites/${encodeURIComponent(site.id)} ${body}`
}
