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
  const { environment, guard, record } = recorder
  const submitted = new WeakSet<EventTarget>()
  let submission: Event
  /** Apart from its event, which forgets it when it was in a shadow root (https://dom.spec.whatwg.org/#dispatching-events). */
  let form: Element | undefined
  const decide = guard(() => {
    if (form && !submission.defaultPrevented && !submitted.has(form)) {
      submitted.add(form)
      record('signup', { ...readMarkup(form), leadId: (readAttributes(form, 'data-tm-') as Record<string, unknown>)['lead-id'] })
    }
    form = undefined
  })
  const listener = guard((event: Event) => {
    const target = event.target as Element
    if (!event.isTrusted || !('signup' in readAttributes(target, 'data-tm-'))) return
    submission = event
    form = target
    environment.setTimeout(decide, 0)
  })
  // A shadow root keeps the submission of its forms to itself.
  watchRoots(recorder, (root) => root.addEventListener('submit', listener, true))
  return decide
}
