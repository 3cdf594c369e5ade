import type { Environment } from './environment.ts'
import type { Given, PageEvent } from './event.ts'
import type { Guard } from './guard.ts'
import type { EventType } from './wire.ts'

/** What the watchers of a page need: the world, and a way to record what they saw. */
export interface Recorder {
  environment: Environment
  guard: Guard
  makeId(): string
  /** Builds the event, takes it into journey and queue, and sends it. Throws TypeError on misuse. */
  record(type: EventType, given: Given): PageEvent
}
