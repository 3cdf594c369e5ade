import { onNavigation } from './navigation.ts'
import type { Capture } from './recorder.ts'
import { readUrlTags } from './url-tags.ts'

/**
 * Records the click that brought the visitor here when the page's URL names a campaign or a click, and lays the URL's tags under those of the page's ads.
 *
 * Its id is `tm_click` when the URL has one, so that publisher's page, redirect and landing are one click. A reload and a step through the history show the same
 * URL but no new click (https://w3c.github.io/navigation-timing/#sec-performance-navigation-types). A page that changes its URL without loading lands again when the
 * new one names another campaign or click.
 */
export const watchLandings: Capture = (recorder) => {
  let last: unknown
  const read = (isNew: boolean) => {
    const [tags, placement, id] = readUrlTags(location.search)
    recorder.pageTags = tags
    const name = id ?? tags.campaign
    if (!name || name === last) return
    last = name
    if (isNew) recorder.record('click', { ...tags, placement, id })
  }
  const land = (isHidden: boolean) => {
    const [navigation] = recorder.environment.performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    // A page that is prerendered, or opened behind another, has no visitor until it is shown.
    if (!isHidden) read(!/reload|back/.test(navigation?.type as string))
  }
  land(document.hidden)
  onNavigation(recorder.guard(read))
  return land
}
