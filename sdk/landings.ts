import type { Recorder } from './recorder.ts'
import type { UrlTags } from './url-tags.ts'

/**
 * Records the click that brought the visitor here, when the page's URL names a campaign or a click.
 *
 * Its id is `tm_click` when the URL has one, so that publisher's page, redirect and landing are one click. A reload and a step through the
 * history show the same URL but no new click (https://w3c.github.io/navigation-timing/#sec-performance-navigation-types).
 */
export function recordLanding({ environment, record }: Recorder, { tags, placement, clickId }: UrlTags): void {
  if ((tags.campaign || clickId) && !/reload|back/.test(`${environment.navigationType()}`))
    record('click', { ...tags, placement, id: clickId })
}
