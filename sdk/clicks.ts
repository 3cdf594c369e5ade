import { ancestors, readMarkup } from './markup.ts'
import type { Capture } from './recorder.ts'
import { watchRoots } from './roots.ts'
import type { WireEvent } from './wire.ts'

/**
 * Records clicks on `data-tm-click="PLACEMENT"`, also with the middle button or a key, in open shadow roots and frames of the same origin too, and marks the link that was
 * clicked.
 *
 * Listens while the event goes down, before a handler of the page can stop it and before the browser follows the link.
 */
export const watchClicks: Capture = (recorder) => {
  const listener = recorder.guard((pointer: MouseEvent) => {
    // The one knows slots, the other what is around a frame.
    const path = [...pointer.composedPath(), ...ancestors(pointer.target as Element)] as Partial<Element>[]
    const nearest = (selector: string) => path.find((node) => node.matches?.(selector))
    const ad = nearest('[data-tm-click]') as Element | undefined
    // Of the other buttons only the middle one, 1, opens a link; the main one, 0, is a `click`.
    if (!ad || pointer.button > 1) return
    const event = recorder.record('click', readMarkup(ad, 'click'))
    const link = nearest('[href]') as HTMLAnchorElement | undefined
    if (link) markLink(link, event)
  })
  // A window hears of what is clicked in the shadow roots of its document.
  watchRoots(recorder, (root) => {
    for (const type of ['click', 'auxclick'] as const) (root as Document).defaultView?.addEventListener(type, listener, true)
  })
}

/** Writes `tm_click`, and what the link's URL does not have yet of `tm_placement` and `utm_campaign`. What else is in it stays byte for byte. */
function markLink(link: HTMLAnchorElement, { id, placement, campaign }: WireEvent): void {
  // http and https alone; a link within the page must not become one that loads it anew, and the links of SVG have no protocol.
  if (!/^h/.test(link.protocol) || /^#/.test(link.getAttribute('href') as string)) return
  let [url = '', hash = ''] = link.href.replace(/tm_click=[^&#]*&?/, '').split(/(?=#)/)
  for (const [name, value] of Object.entries({ tm_click: id, tm_placement: placement, utm_campaign: campaign }))
    if (value && !url.includes(`${name}=`)) url += `${/\?/.test(url) ? '&' : '?'}${name}=${encodeURIComponent(value)}`
  link.href = url + hash
}
