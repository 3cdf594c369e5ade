import { readAttributes, readMarkup } from './markup.ts'
import type { Capture } from './recorder.ts'
import { watchRoots } from './roots.ts'

/**
 * Records the submission of a form with `data-tm-signup`, once per form, in open shadow roots and frames of the same origin too: a second click on its button is no second signup.
 *
 * Decided after the last listener of the page, so that a form that any of them stopped is not counted. `form.submit()` tells nobody
 * (https://html.spec.whatwg.org/multipage/forms.html#dom-form-submit): such a page calls `signup` itself.
 */
export const watchSignups: Capture = (recorder) => {
  const submitted = new WeakSet<Element>()
  let decide: (() => void) | undefined
  const listener = recorder.guard((event: Event) => {
    // Kept apart from the event, which forgets it where it was in a shadow root (https://dom.spec.whatwg.org/#dispatching-events).
    const form = event.target as Element
    const attributes = readAttributes(form) as Record<string, unknown>
    if (!event.isTrusted || !('signup' in attributes)) return
    decide = recorder.guard(() => {
      if (event.defaultPrevented || submitted.has(form)) return
      submitted.add(form)
      recorder.record('signup', { ...readMarkup(form), leadId: attributes['lead-id'] })
    })
    recorder.environment.setTimeout(decide, 0)
  })
  // A shadow root keeps the submission of its forms to itself.
  watchRoots(recorder, (root) => root.addEventListener('submit', listener, true))
  return () => decide?.()
}
