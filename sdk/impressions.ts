import type { Given } from './event.ts'
import { VIEWABLE_MS } from './journey.ts'
import { readMarkup } from './markup.ts'
import type { Capture } from './recorder.ts'
import { watchRoots } from './roots.ts'

/** First pixel, the two bounds, and what else the evidence should tell apart. Not 0, which an ad reaches that only touches the viewport's edge. */
const THRESHOLDS = [1e-6, 0.1, 0.3, 0.5, 1]

/** From this area (CSS px², 970 x 250) on 30 % of the pixels are enough, below it takes 50 % (MRC guidelines, 5.1 and 5.2). */
const LARGE_AREA = 242_500

/**
 * Records an impression of each `data-tm-impression="PLACEMENT"`, once per element, nodes added later included, in open shadow roots and frames of the same origin too.
 *
 * Sent when the ad was viewable, or with what was reached when it leaves view before; should it become viewable after all, the same id goes
 * again with the better view. An ad that showed no pixel in a visible tab was no impression.
 */
export const watchImpressions: Capture = (recorder) => {
  const looks = new WeakMap<Element, (entry?: IntersectionObserverEntry) => void>()
  /** What looks at those ads again of which something is in view. */
  const inView = new Set<() => void>()
  let isHidden = document.hidden

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
      if (sentMs < (ms < VIEWABLE_MS ? 0 : VIEWABLE_MS))
        (given as Given).id = recorder.record('impression', { ...given, view: { ...view } }).id
      sentMs = ms
    }
    const look = (entry?: IntersectionObserverEntry) => {
      if (entry) {
        const { width, height } = entry.boundingClientRect
        view.area = width * height
        // An element without area reports itself as wholly in view.
        ratio = view.area && Math.min(entry.intersectionRatio, 1)
        if (ratio) inView.add(look)
        else inView.delete(look)
      }
      const seen = isHidden ? 0 : ratio
      view.ratio = Math.max(view.ratio, seen)
      if (seen) given ??= { ...readMarkup(ad, 'impression'), occurredAt: recorder.now() }

      if (seen >= (view.area < LARGE_AREA ? 0.5 : 0.3)) {
        if (timer) return
        since = recorder.now()
        timer = recorder.environment.setTimeout(
          recorder.guard(() => send(VIEWABLE_MS)),
          VIEWABLE_MS,
        )
      } else {
        // A whole second is proved by the timer alone: the clock runs on while a laptop sleeps.
        if (timer) view.ms = Math.max(view.ms, Math.min(recorder.now() - since, VIEWABLE_MS - 1))
        recorder.environment.clearTimeout(timer)
        timer = undefined
        if (given && !seen) send(view.ms)
      }
    }
    return look
  }

  const observer = new IntersectionObserver(
    recorder.guard((entries: IntersectionObserverEntry[]) => {
      for (const entry of entries) (looks.get(entry.target) as (entry: IntersectionObserverEntry) => void)(entry)
    }),
    { threshold: THRESHOLDS },
  )
  watchRoots(recorder, (root) => {
    for (const ad of root.querySelectorAll('[data-tm-impression]')) {
      if (looks.has(ad)) continue
      looks.set(ad, watchAd(ad))
      observer.observe(ad)
    }
  })

  return (hidden) => {
    isHidden = hidden
    for (const look of inView) look()
  }
}
