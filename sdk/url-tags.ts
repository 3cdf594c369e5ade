import { joinTags, TAG_NAMES } from './tags.ts'
import type { Tags } from './wire.ts'

/** Each source, and the parameters that it puts on a landing URL. The values are personal data and stay in the URL. */
const NETWORKS =
  'google gclid gbraid wbraid dclid,facebook fbclid,instagram igshid,bing msclkid,tiktok ttclid,twitter twclid,linkedin li_fat_id,reddit rdt_cid,pinterest epik,quora qclid,snapchat sccid,impact irclid,klaviyo _kx'

/** What the URL of a page says about the click that led to it. `placement` is where that ad stood, so it is no tag of this page's ads. */
export interface UrlTags {
  tags: Tags
  placement: string | null
  clickId: string | undefined
}

/** Tags of a URL's query, for example of `location.search`. A `tm_click` that is not a UUID is ignored. */
export function readUrlTags(search: string): UrlTags {
  const query = new URLSearchParams(search.replace(/ScCid=/i, 'sccid='))
  const [source] =
    NETWORKS.split(',')
      .map((network) => network.split(' '))
      .find(([, ...names]) => names.some((name) => query.has(name))) ?? []
  const utm = TAG_NAMES.slice(0, 5).map((name) => [name, query.get(`utm_${name}`)])
  return {
    tags: joinTags(Object.fromEntries(utm), { campaign: query.get('utm_id'), source }),
    placement: query.get('tm_placement'),
    clickId: query
      .get('tm_click')
      ?.toLowerCase()
      .match(/^[\da-f]{8}(-[\da-f]{4}){4}[\da-f]{8}$/)?.[0],
  }
}
