import { joinTags, TAG_NAMES } from './tags.ts'
import type { Tags } from './wire.ts'

/**
 * The parameter by which an ad network marks a landing URL: `gclid`, `fbclid`, `msclkid` and the like. Its value is personal data and stays in the URL; its name is the
 * source, which the collector calls by the name of the network (`NETWORKS` in wire.ts).
 */
const NETWORK = /[?&]([a-z]+clk?id|[gw]braid|(sc|rdt_)cid|li_fat_id|igshid|epik|_kx)=/i

/** What the URL of a page says about the click that led to it. `placement` is where that ad stood, so it is no tag of this page's ads. */
export type UrlTags = [tags: Tags, placement: string | null, click: string | undefined]

/** Tags of a URL's query, for example of `location.search`. A `tm_click` that is not a UUID is ignored. */
export function readUrlTags(search: string): UrlTags {
  const query = new URLSearchParams(search)
  return [
    joinTags(Object.fromEntries(TAG_NAMES.map((name) => [name, query.get(`utm_${name}`)])), {
      campaign: query.get('utm_id'),
      source: NETWORK.exec(search)?.[1],
    }),
    query.get('tm_placement'),
    query.get('tm_click')?.match(/^[\da-f-]{36}$/)?.[0],
  ]
}
