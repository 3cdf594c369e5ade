import type { Environment } from './environment.ts'
import type { Given, PageEvent } from './event.ts'
import type { Guard } from './guard.ts'
import type { Queued } from './queue.ts'
import type { Visit } from './roots.ts'
import type { Consent, EventType, Tags } from './wire.ts'

/** What the captures of a page need: the world, and a way to record what they saw. */
export interface Recorder {
  environment: Environment
  guard: Guard
  now(): number
  /** Builds the event, takes it into journey and queue, and sends it. Throws TypeError on misuse. */
  record(type: EventType, given: Given): PageEvent
  setConsent(state: Consent): void
  /** Tags of the page's URL: they lie under those of the ads on it. */
  pageTags: Tags
  /** Told each answer of the collector, and what was asked. */
  answered?: (response: Response, entries: readonly Queued[]) => void
  /** What `watchRoots` calls. */
  visits?: Visit[]
}

/**
 * Watches a page for something and records it: what `init` takes as `auto`.
 *
 * What it returns is called when the page is hidden, left or shown, before what is queued is handed over.
 */
export type Capture = (recorder: Recorder) => ((isHidden: boolean) => void) | undefined
