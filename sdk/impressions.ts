import type { Given } from './event.ts'
import { VIEWABLE_MS } from './journey.ts'
import { readMarkup } from './markup.ts'
import type { Recorder } from './recorder.ts'

/** First pixel, then the two bounds, then better evidence. Not 0, which an ad reaches that only touches the viewport's edge. */
const THRESHOLDS = [1e-6, 0.3, 0.5, 0.75, 1]

/** From this area (CSS px², 970 x 250) on 30 % of the pixels are enough, below it takes 50 % (MRC guidelines, 5.1 and 5.2). */
const LARGE_AREA = 242_500

const SELECTOR = '[data-tm-impression]'

/**
 * Records an impression of each `data-tm-impression="PLACEMENT"`, once per element, nodes added later included.
 *
 * Sent when the ad was viewable, or with what was reached when it leaves view before; should it become viewable after all, the same id goes
 * again with the better view. An ad that showed no pixel in a visible tab was no impression. Call the function returned when the page
 * is hidden or shown.
 */
export function watchImpressions({ environment, guard, makeId, record }: Recorder): (state: DocumentVisibilityState) => void {
  const looks = new WeakMap<Element, (entry?: IntersectionObserverEntry) => void>()
  let visibility = document.visibilityState

  /** Returns what looks at `ad` again; without an entry of the observer it stands as it stood. */
  const watchAd = (ad: Element) => {
    const view = { ratio: 0, ms: 0, area: 0 }
    let ratio = 0
    let given: Given | undefined
    let since = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    let sentMs = -1

    const send = (ms: number) => {
      view.ms = ms
      // Once with what was reached, and once viewable.
      if (sentMs < (ms < VIEWABLE_MS ? 0 : VIEWABLE_MS)) record('impression', { ...given, view: { ...view } })
      sentMs = ms
    }
    return (entry?: IntersectionObserverEntry) => {
      if (entry) {
        const { width, height } = entry.boundingClientRect
        view.area = Math.round(width * height)
        // An element without area reports itself as wholly in view.
        ratio = view.area && Math.min(entry.intersectionRatio, 1)
      }
      const now = environment.now()
      const seen = visibility === 'visible' ? ratio : 0
      view.ratio = Math.max(view.ratio, seen)
      if (seen) given ??= { ...readMarkup(ad), placement: ad.getAttribute('data-tm-impression'), id: makeId(), occurredAt: now }

      if (seen >= (view.area < LARGE_AREA ? 0.5 : 0.3)) {
        if (timer) return
        since = now
        timer = setTimeout(
          guard(() => send(Math.max(VIEWABLE_MS, environment.now() - since))),
          VIEWABLE_MS,
        )
      } else {
        // A whole second is proved by the timer alone: the clock runs on while a laptop sleeps.
        if (timer) view.ms = Math.max(view.ms, Math.min(now - since, VIEWABLE_MS - 1))
        clearTimeout(timer)
        timer = undefined
        if (given && !seen) send(view.ms)
      }
    }
  }

  const observer = new IntersectionObserver(
    guard((entries: IntersectionObserverEntry[]) => {
      for (const entry of entries) looks.get(entry.target)?.(entry)
    }),
    { threshold: THRESHOLDS },
  )
  const find = (root: Partial<Pick<Element, 'querySelectorAll' | 'matches'>>) => {
    for (const ad of [root as Element, ...(root.querySelectorAll?.(SELECTOR) ?? [])]) {
      if (looks.has(ad) || !ad.matches?.(SELECTOR)) continue
      looks.set(ad, watchAd(ad))
      observer.observe(ad)
    }
  }
  find(document)
  new MutationObserver(
    guard((changes: MutationRecord[]) => {
      for (const { attributeName, target, addedNodes } of changes)
        for (const node of attributeName ? [target] : addedNodes) find(node as Element)
    }),
  ).observe(document, { childList: true, subtree: true, attributeFilter: ['data-tm-impression'] })

  return (state) => {
    visibility = state
    for (const ad of document.querySelectorAll(SELECTOR)) looks.get(ad)?.()
  }
}
