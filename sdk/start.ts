import { startDelivery } from './deliver.ts'
import { draw } from './draw.ts'
import type { Environment } from './environment.ts'
import { buildEvent, type Given, type Surroundings } from './event.ts'
import { guardWith, say } from './guard.ts'
import { idMaker } from './id.ts'
import { readJourney, toTouch } from './journey.ts'
import { misuse } from './misuse.ts'
import { byWorth, openQueue, type Queued } from './queue.ts'
import type { Recorder } from './recorder.ts'
import { openStore } from './store.ts'
import { joinTags, type TagsInput } from './tags.ts'
import type { EventInput, Options, Tallymark } from './tallymark.ts'
import { CONSENTS, type Consent, EVENT_TYPES, type EventType, LIMITS, type Touch } from './wire.ts'

/** After that another page may send what this one made. Longer than most requests take; a copy has the same id, and a browser that was killed comes back to send. */
const LEASE_MS = 2_000

/** Starts measuring this page: what `init` does where there is a page. Throws TypeError on misuse. */
export function start(options: Options, environment: Environment): Tallymark {
  const { site, endpoint, auto = [], debug } = options
  if (!site || !endpoint) misuse('init', 'site, endpoint')
  const {
    Date: { now },
    Math: { random },
    navigator,
  } = environment
  let defaults = joinTags(options)
  let consent: Consent
  let made: Queued[] = []
  let journey: Touch[] | undefined
  let arms: Record<string, string> = {}

  const guard = guardWith(debug)
  const makeId = idMaker(environment, now)
  const store = openStore(environment, site, () => consent)
  const queue = openQueue(store)

  const sendAndKeep = guard((isLeaving?: unknown) => {
    dispatch(made.sort(byWorth), isLeaving)
    made = []
    journey = undefined
    readJourney(store, now)
    store.keep()
  })
  const record = (type: EventType, given: Given) => {
    const isAd = EVENT_TYPES.indexOf(type) < 2
    const own = joinTags(given, defaults, { variant: arms })
    if (!isAd) journey ??= readJourney(store, now)
    const event = buildEvent(
      type,
      given,
      {
        id: given.id || makeId(),
        occurredAt: given.occurredAt || now(),
        page: location.pathname.slice(0, LIMITS.pageLength),
        consent,
        automation: navigator.webdriver,
        // The URL's tags describe its own campaign: an ad takes them when it names that or none, a conversion's touches say where it came from.
        ...joinTags(own, isAd && (own.campaign ?? recorder.pageTags.campaign) === recorder.pageTags.campaign ? recorder.pageTags : {}),
        ...(given.isExposure && { campaign: undefined }),
      } as Surroundings,
      isAd || consent === 'denied' ? [] : [...(journey as Touch[])],
    )
    const touch = isAd && toTouch(event)
    if (touch) {
      store.hold(`touch.${touch.id}`, touch)
      journey = undefined
    }
    const entry = { event, until: now() + LEASE_MS }
    queue.admit(entry)
    if (debug) say(type, event)
    // What happens in one task is kept and sent together.
    if (made.push(entry) === 1) queueMicrotask(sendAndKeep)
    return event
  }
  const setConsent = (state: Consent) => {
    if (!CONSENTS.includes(state)) misuse('consent', CONSENTS)
    // The browser's signal is the visitor's own word, and stands above what the page asked.
    consent = navigator.globalPrivacyControl ? 'denied' : state
    // What this page has drawn already it goes on showing.
    arms = { ...Object.fromEntries(store.recall().filter(Array.isArray)), ...arms }
    store.keep()
    goOn()
  }
  const recorder: Recorder = { environment, guard, now, record, setConsent, pageTags: {} }
  const { dispatch, goOn, flush } = startDelivery(recorder, queue, options)

  setConsent(options.consent ?? 'granted')
  // What a page left that had no time to say so is anyone's by then.
  environment.setTimeout(goOn, LEASE_MS)

  const looks = auto.map((watch) => guard(watch)(recorder))
  const turn = guard(({ type }: Event) => {
    const isHidden = type === 'pagehide' || document.hidden
    for (const look of looks) if (look) guard(look)(isHidden)
    if (isHidden) sendAndKeep(type)
    else if (type === 'visibilitychange') goOn()
    else flush()
  })
  // Never `unload` and `beforeunload`, which keep a page out of the back/forward cache (https://web.dev/articles/bfcache).
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) addEventListener(type, turn)

  /** A prerendered page has no visitor yet (https://developer.chrome.com/docs/web-platform/prerender-pages). */
  const whenShown = (run: () => unknown) => {
    if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', guard(run), { once: true })
    else run()
  }
  const tallymark = {
    tag(tags: TagsInput) {
      defaults = joinTags(tags, defaults)
    },
    variant(name, weights) {
      if (!(((weights as Record<string, number>)[arms[name] as string] as number) > 0)) {
        arms[name] = draw(weights, random())
        whenShown(() => {
          store.erase(`variant.${name}`)
          store.hold(`variant.${name}`, [name, arms[name]])
          record('impression', { placement: `experiment:${name}`, isExposure: true })
        })
      }
      return arms[name] as never
    },
    consent: setConsent,
    flush,
  } as Partial<Tallymark> as Tallymark
  for (const type of EVENT_TYPES) tallymark[type] = (input?: EventInput) => whenShown(() => record(type, { ...input }))
  return tallymark
}
