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
import { CONSENTS, type Consent, EVENT_TYPES, type EventType, LIMITS, type Touch, type WireEvent } from './wire.ts'

/** After that another page may send what this one made: longer than any of its requests takes. */
const LEASE_MS = 31_000

/** Starts measuring this page: what `init` does where there is a page. Throws TypeError on misuse. */
export function start(options: Options, environment: Environment): Tallymark {
  const { site, endpoint, campaign, segment, auto = [], debug } = options
  if (!site || !endpoint) misuse('init needs site and endpoint')
  const { Date: clock, Math: math, navigator } = environment
  const now = () => clock.now()
  let defaults = joinTags({ campaign, segment })
  let consent: Consent

  const tell = debug ? say : undefined
  const guard = guardWith(tell)
  const makeId = idMaker(environment, now)
  const store = openStore(environment, site, () => consent)
  const queue = openQueue(store)
  const listeners = new Set<(event: WireEvent) => void>()
  const { send, resume, flush, leave } = startDelivery(environment, queue, {
    site,
    endpoint,
    now,
    say: tell,
    acknowledge(event) {
      for (const listener of listeners) guard(listener)(event)
    },
  })

  let made: Queued[] = []
  let journey: Touch[] | undefined
  let arms: Record<string, string> = {}
  const keepAndSend = guard(() => {
    const entries = made.sort(byWorth)
    made = []
    journey = undefined
    readJourney(store, now())
    store.save()
    send(entries)
  })
  const record = (type: EventType, given: Given, tags: Pick<Surroundings, 'defaults' | 'url'> = { defaults, url: recorder.url }) => {
    const event = buildEvent(type, given, {
      base: {
        id: given.id || makeId(),
        occurredAt: given.occurredAt || now(),
        page: location.pathname.slice(0, LIMITS.pageLength),
        consent,
        automation: navigator.webdriver,
      },
      defaults: joinTags(tags.defaults, { variant: arms }),
      url: tags.url,
      touches() {
        journey ??= readJourney(store, now())
        return consent === 'denied' ? [] : [...journey]
      },
    })
    const touch = toTouch(event)
    if (touch) {
      store.put(`touch.${touch.id}`, touch)
      journey = undefined
    }
    const entry = { event, until: now() + LEASE_MS }
    queue.add(entry)
    tell?.(type, event)
    // What happens in one task is kept and sent together.
    if (made.push(entry) === 1) Promise.resolve().then(keepAndSend)
    return event
  }
  const recorder: Recorder = {
    environment,
    guard,
    makeId,
    now,
    record,
    url: {},
    setConsent(state) {
      if (!CONSENTS.includes(state)) misuse(`consent is ${CONSENTS.join(', ')}`)
      // The browser's signal is the visitor's own word, and stands above what the page asked.
      consent = navigator.globalPrivacyControl ? 'denied' : state
      arms = Object.fromEntries(store.read('variant.') as [string, string][])
      store.save()
      resume()
    },
  }
  recorder.setConsent(options.consent ?? 'granted')

  let looks: (((state: DocumentVisibilityState) => void) | undefined)[] = []
  const capture = guard(() => {
    looks = auto.map((watch) => watch(recorder))
  })
  const turn = guard(({ type }: Event) => {
    const state = type === 'pagehide' ? 'hidden' : document.visibilityState
    for (const look of looks) look?.(state)
    if (state === 'hidden') {
      keepAndSend()
      leave()
      store.save()
    } else if (type === 'visibilitychange') resume()
    else flush()
  })
  // Never `unload` and `beforeunload`, which keep a page out of the back/forward cache (https://web.dev/articles/bfcache).
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) addEventListener(type, turn)
  // A prerendered page has no visitor yet (https://developer.chrome.com/docs/web-platform/prerender-pages).
  if ((document as Document & { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', capture)
  else capture()

  const calls = {} as Pick<Tallymark, EventType>
  for (const type of EVENT_TYPES) calls[type] = (input?: EventInput) => void record(type, { ...input })
  return {
    ...calls,
    tag(tags: TagsInput) {
      defaults = joinTags(tags, defaults)
    },
    variant(name, weights) {
      if (!(((weights as Record<string, number>)[arms[name] as string] as number) > 0)) {
        arms[name] = draw(weights, math.random())
        store.remove(`variant.${name}`)
        store.put(`variant.${name}`, [name, arms[name]])
        // Of no campaign, so that it is on no bill.
        record('impression', { placement: `experiment:${name}` }, { defaults: { segment: defaults.segment }, url: {} })
      }
      return arms[name] as never
    },
    consent: recorder.setConsent,
    flush,
    on(_, listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
