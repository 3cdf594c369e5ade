import { watchClicks } from './clicks.ts'
import { startDelivery } from './deliver.ts'
import type { Environment } from './environment.ts'
import { buildEvent } from './event.ts'
import { guardWith, say } from './guard.ts'
import { idMaker } from './id.ts'
import { watchImpressions } from './impressions.ts'
import { openJourney, toTouch } from './journey.ts'
import { recordLanding } from './landings.ts'
import { misuse } from './misuse.ts'
import { openQueue } from './queue.ts'
import type { Recorder } from './recorder.ts'
import { watchSignups } from './signups.ts'
import { joinTags, type TagsInput } from './tags.ts'
import type { EventInput, Options, Tallymark } from './tallymark.ts'
import { readUrlTags } from './url-tags.ts'
import { CONSENTS, type Consent, type EventType, type WireEvent } from './wire.ts'

/** Starts measuring this page: what `init` does where there is a page. Throws TypeError on misuse. */
export function start(options: Options, environment: Environment): Tallymark {
  const { site, endpoint, campaign, segment, auto = [], debug } = options
  if (!site || !endpoint) misuse('init needs site and endpoint')
  let defaults = joinTags({ campaign, segment })
  let consent: Consent
  let look: ReturnType<typeof watchImpressions> | undefined

  const tell = debug ? say : () => {}
  const guard = guardWith(tell)
  const makeId = idMaker(environment)
  const url = readUrlTags(location.search)
  const journey = openJourney(environment, site, () => consent)
  const queue = openQueue(environment, () => consent)
  const listeners = new Set<(event: WireEvent) => void>()
  const delivery = startDelivery(environment, queue, tell, ({ event, ...from }) => {
    // The queue is shared: another site's event is none of this one's business.
    if (from.site === site) for (const listener of listeners) guard(listener)(event)
  })

  const setConsent = (state: Consent) => {
    if (!CONSENTS.includes(state)) misuse(`consent is ${CONSENTS.join(', ')}`)
    // The browser's signal is the visitor's own word, and stands above what the page asked.
    consent = environment.navigator.globalPrivacyControl ? 'denied' : state
    journey.save()
    queue.save()
    delivery.send()
  }

  const record: Recorder['record'] = (type, given) => {
    const event = buildEvent(type, given, {
      id: makeId(),
      now: environment.now(),
      page: location.pathname,
      consent,
      automation: environment.navigator.webdriver,
      defaults,
      url: url.tags,
      touches: consent === 'denied' ? [] : journey.read(),
    })
    const touch = toTouch(event)
    if (touch) journey.add(touch)
    queue.add({ site, endpoint: endpoint.replace(/\/$/, ''), event })
    tell(type, event)
    delivery.send()
    return event
  }
  const call = (type: EventType) => (input?: EventInput) => void record(type, { ...input })

  const recorder: Recorder = { environment, guard, makeId, record }
  const watch = guard(() => {
    if (auto.includes('landings')) recordLanding(recorder, url)
    if (auto.includes('clicks')) watchClicks(recorder)
    if (auto.includes('signups')) watchSignups(recorder)
    if (auto.includes('impressions')) look = watchImpressions(recorder)
  })
  const showOrLeave = (state: DocumentVisibilityState) => {
    look?.(state)
    if (state === 'hidden') delivery.leave()
  }

  setConsent(options.consent ?? 'granted')
  // Never `unload` and `beforeunload`, which keep a page out of the back/forward cache (https://web.dev/articles/bfcache).
  document.addEventListener(
    'visibilitychange',
    guard(() => showOrLeave(document.visibilityState)),
  )
  addEventListener(
    'pagehide',
    guard(() => showOrLeave('hidden')),
  )
  addEventListener(
    'pageshow',
    guard((event) => event.persisted && delivery.flush()),
  )
  addEventListener('online', guard(delivery.flush))
  // A prerendered page has no visitor yet (https://developer.chrome.com/docs/web-platform/prerender-pages).
  if ((document as Document & { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', watch)
  else watch()

  return {
    impression: call('impression'),
    click: call('click'),
    signup: call('signup'),
    purchase: call('purchase'),
    tag(tags: TagsInput) {
      defaults = joinTags(tags, defaults)
    },
    consent: setConsent,
    flush: delivery.flush,
    on(_, listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
