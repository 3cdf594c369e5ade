import { readAttributes, readMarkup } from './markup.ts'
import type { Capture } from './recorder.ts'

/**
 * Records the submission of a form with `data-tm-signup`, once per form: a second click on its button is no second signup.
 *
 * Decided after the last listener of the page, so that a form that any of them stopped is not counted. `form.submit()` tells nobody
 * (https://html.spec.whatwg.org/multipage/forms.html#dom-form-submit), and a form in a shadow root tells nobody outside: there the page calls `signup` itself.
 */
export const watchSignups: Capture = ({ environment, guard, record }) => {
  const submitted = new WeakSet<EventTarget>()
  let waiting: Event | undefined
  const decide = guard(() => {
    const form = waiting?.target as Element | undefined
    if (form && !waiting?.defaultPrevented && !submitted.has(form)) {
      submitted.add(form)
      record('signup', { ...readMarkup(form), leadId: (readAttributes(form, 'data-tm-') as Record<string, unknown>)['lead-id'] })
    }
    waiting = undefined
  })
  document.addEventListener(
    'submit',
    guard((event) => {
      if (!event.isTrusted || !('signup' in readAttributes(event.target as Element, 'data-tm-'))) return
      waiting = event
      environment.setTimeout(decide, 0)
    }),
    true,
  )
  return decide
}
