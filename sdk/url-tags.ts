import { joinTags } from './tags.ts'
import type { Tags } from './wire.ts'

/** Sources by the parameter that each puts on a landing URL. The values are personal data and stay in the URL. */
const NETWORKS = {
  gclid: 'google',
  gbraid: 'google',
  wbraid: 'google',
  dclid: 'google',
  fbclid: 'facebook',
  igshid: 'instagram',
  msclkid: 'bing',
  ttclid: 'tiktok',
  twclid: 'twitter',
  li_fat_id: 'linkedin',
  rdt_cid: 'reddit',
  epik: 'pinterest',
  qclid: 'quora',
  ScCid: 'snapchat',
  irclid: 'impact',
  _kx: 'klaviyo',
}

/** What the URL of a page says about the click that led to it. `placement` is where that ad stood, so it is no tag of this page's ads. */
export interface UrlTags {
  tags: Tags
  placement: string | null
  clickId: string | undefined
}

/** Tags of a URL's query, for example of `location.search`. A `tm_click` that is not a UUID is ignored. */
export function readUrlTags(search: string): UrlTags {
  const query = new URLSearchParams(search)
  const utm = (name: string) => query.get(`utm_${name}`)
  return {
    tags: joinTags(
      { campaign: utm('campaign'), source: utm('source'), medium: utm('medium'), content: utm('content'), term: utm('term') },
      { campaign: utm('id'), source: Object.entries(NETWORKS).find(([name]) => query.has(name))?.[1] },
    ),
    placement: query.get('tm_placement'),
    clickId: query
      .get('tm_click')
      ?.toLowerCase()
      .match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)?.[0],
  }
}
