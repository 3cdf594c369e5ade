import { browserEnvironment, type Environment } from './environment.ts'
import { start } from './start.ts'
import type { Options, Tallymark } from './tallymark.ts'

export type { Environment } from './environment.ts'
export type { TagsInput } from './tags.ts'
export type { Auto, EventInput, Options, PurchaseInput, SignupInput, Tallymark } from './tallymark.ts'
export type { Consent, Item, WireEvent } from './wire.ts'

/**
 * Starts measuring this page for one site. Call it once a page.
 *
 * Throws TypeError on misuse, as its methods do, naming the call and the fix. On a server, where there is no page, every call does nothing.
 */
export function init(options: Options, environment?: Environment): Tallymark {
  if (typeof document === 'undefined') return onServer
  return start(options, environment ?? browserEnvironment())
}

const nothing = () => {}

const onServer: Tallymark = {
  impression: nothing,
  click: nothing,
  signup: nothing,
  purchase: nothing,
  tag: nothing,
  consent: nothing,
  flush: () => Promise.resolve(),
  on: () => nothing,
}
