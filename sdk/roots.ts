import type { Recorder } from './recorder.ts'

/** Sees a document or shadow root: again at each search, with whatever has come into it since. */
export type Visit = (root: Document | ShadowRoot) => void

/** How long after a change of the page it is searched: for all changes at once, and for shadow roots, which are often attached after their host came. */
const SEARCH_AFTER_MS = 200

/**
 * Calls `visit` with the document at once, then with each open shadow root and each document of a frame of the same origin, nested ones and those added later included.
 *
 * All visits of a page share one search. A frame that runs this script itself measures itself.
 */
export function watchRoots(recorder: Recorder, visit: Visit): void {
  visit(document)
  if (recorder.visits?.push(visit)) return
  const visits = [visit]
  recorder.visits = visits
  let search: ReturnType<typeof setTimeout> | undefined
  const find = (root: Parameters<Visit>[0]) => {
    mutations.observe(root, { childList: true, subtree: true })
    for (const each of visits) each(root)
    for (const element of root.querySelectorAll('*')) {
      const inner = element.shadowRoot ?? (element as Partial<HTMLIFrameElement>).contentDocument
      if (inner && !(inner as { defaultView?: { tallymark?: unknown } }).defaultView?.tallymark) find(inner)
    }
  }
  const searchAll = recorder.guard(() => {
    search = undefined
    find(document)
  })
  const searchSoon = () => {
    if (!search) search = recorder.environment.setTimeout(searchAll, SEARCH_AFTER_MS)
  }
  const mutations = new MutationObserver(searchSoon)
  // A frame has its document when it is loaded.
  addEventListener('load', searchSoon, true)
  // Once all captures of the page have told what they look for.
  queueMicrotask(searchAll)
}
