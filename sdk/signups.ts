import { readMarkup } from './markup.ts'
import type { Recorder } from './recorder.ts'

/**
 * Records the submission of a form with `data-tm-signup`, once per form: a second click on its button is no second signup.
 *
 * Listens after the page's own handlers, so that a form they stopped is not counted. A page that submits by script calls `signup` itself.
 */
export function watchSignups({ guard, record }: Recorder): void {
  const submitted = new WeakSet<EventTarget>()
  document.addEventListener(
    'submit',
    guard((event) => {
      const form = event.target as Element
      if (event.defaultPrevented || !form.matches('[data-tm-signup]') || submitted.has(form)) return
      submitted.add(form)
      record('signup', { ...readMarkup(form), leadId: form.getAttribute('data-tm-lead-id') })
    }),
  )
}
