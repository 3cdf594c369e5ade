import type { Environment } from './environment.ts'
import { start } from './start.ts'
import type { Options, Tallymark } from './tallymark.ts'

export { acknowledged } from './acknowledged.ts'
export { watchClicks as clicks } from './clicks.ts'
export { followConsentMode as consentMode } from './consent-mode.ts'
export type { Environment } from './environment.ts'
export { watchImpressions as impressions } from './impressions.ts'
export { watchLandings as landings } from './landings.ts'
export type { Capture, Recorder } from './recorder.ts'
export { watchSignups as signups } from './signups.ts'
export type { TagsInput } from './tags.ts'
export type { EventInput, Options, PurchaseInput, SignupInput, Tallymark } from './tallymark.ts'
export type { Consent, Item, WireEvent } from './wire.ts'

/**
 * Starts measuring this page for one site. Call it once a page.
 *
 * Throws TypeError on misuse, as its methods do, naming the call and the fix. On a server, where there is no page, every call does nothing.
 */
export function init(options: Options, environment?: Environment): Tallymark {
  if (typeof document === 'undefined') return onServer
  return start(options, environment ?? window)
}

const nothing = () => {}

const onServer: Tallymark = {
  impression: nothing,
  click: nothing,
  signup: nothing,
  purchase: nothing,
  tag: nothing,
  variant: (_, weights) => Object.keys(weights)[0] as never,
  consent: nothing,
  flush: () => Promise.resolve(),
}
