import { vi } from 'vitest'
import { type Capture, clicks, consentMode, type Environment, impressions, init, landings, type Options, signups } from '../../sdk/index.ts'
import type { WireBatch, WireEvent } from '../../sdk/wire.ts'

interface Sent {
  url: string
  batch: WireBatch
  body: string
}

const CAPTURES = { clicks, consentMode, impressions, landings, signups }

/** Options of a test: captures by name, too. */
export type TestOptions = Partial<Omit<Options, 'auto'>> & { auto?: (keyof typeof CAPTURES | Capture)[] }

/** A batch as it was sent, its events whole again. */
function unpack(body: string): WireBatch {
  const { common, ...batch } = JSON.parse(body)
  return { ...batch, events: batch.events.map((event: WireEvent) => ({ ...common, ...event })) }
}

/** A `Storage` over `device`: what is written and removed as a property goes by its methods. */
const storageOf = (device: Map<string, string>) => {
  const methods = {
    getItem: (key: string) => device.get(key) ?? null,
    setItem: (key: string, value: string) => void device.set(key, value),
    removeItem: (key: string) => void device.delete(key),
  }
  return new Proxy(methods as never as Storage, {
    get: (_, key) => methods[key as 'getItem'] ?? device.get(key as string),
    has: (_, key) => key in methods || device.has(key as string),
    set(_, key, value) {
      if (key in methods) methods[key as 'setItem'] = value
      else methods.setItem(key as string, value)
      return true
    },
    deleteProperty(_, key) {
      methods.removeItem(key as string)
      return true
    },
    ownKeys: () => [...device.keys()],
    getOwnPropertyDescriptor: (_, key) => ({ value: device.get(key as string), enumerable: true, configurable: true }),
  })
}

/** A world of its own for each test: a clock that stands, a device, a collector that takes everything. */
/** A `fetch` that says of itself what the browser's own says. */
export const asNative = (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  Object.assign(fetch, { toString: () => 'function fetch() { [native code] }' })

export function fakeWorld() {
  const device = new Map<string, string>()
  const requests: (Sent & { init: RequestInit })[] = []
  let seed = 1
  const world = {
    device,
    requests,
    clock: 1_764_000_000_000,
    /** Answers of the collector to come; when there is none it takes the batch. An Error is a broken connection. */
    answers: [] as (Response | Error)[],
    navigationType: 'navigate' as string | undefined,
    /** What `Math.random` gives: 1 is each back-off in full. */
    random: undefined as number | undefined,
    navigator: {} as { -readonly [name in keyof Environment['navigator']]?: Environment['navigator'][name] },
    /** All events that were sent by fetch, in order. */
    get events(): WireEvent[] {
      return requests.flatMap(({ batch }) => batch.events)
    },
    /** What the device has of `kind` for the site `shop`, by insertion. */
    stored: (kind: string): unknown[] =>
      [...device].filter(([name]) => name.startsWith(`tallymark.shop.${kind}.`)).map(([, text]) => JSON.parse(text)),
    environment: undefined as unknown as Environment,
    start: ({ auto = [], ...options }: TestOptions = {}) =>
      init(
        {
          site: 'shop',
          endpoint: 'https://t.example',
          auto: auto.map((part) => (typeof part === 'string' ? CAPTURES[part] : part)),
          ...options,
        },
        world.environment,
      ),
  }
  world.environment = {
    Date: { now: () => world.clock } as DateConstructor,
    Math: Object.create(Math, { random: { value: () => world.random ?? 1 - 1 / 256 } }),
    crypto: {
      getRandomValues(bytes: Uint8Array) {
        for (let i = 0; i < bytes.length; i++) {
          seed = (seed * 16_807) % 2_147_483_647
          bytes[i] = seed
        }
        return bytes
      },
    } as Crypto,
    setTimeout: ((run: () => void, ms: number) => setTimeout(run, ms)) as typeof setTimeout,
    clearTimeout: (timer) => clearTimeout(timer as number),
    fetch: asNative(async (url, init) => {
      const body = init?.body as string
      const batch = unpack(body)
      requests.push({ url: url as string, batch, body, init: init as RequestInit })
      const answer = world.answers.shift() ?? Response.json({ accepted: batch.events.length, duplicates: 0, rejected: [] }, { status: 202 })
      if (answer instanceof Error) throw answer
      return answer
    }),
    localStorage: storageOf(device),
    performance: { getEntriesByType: () => [{ type: world.navigationType }] } as never,
    get navigator() {
      return {
        ...world.navigator,
      } as Environment['navigator']
    },
  }
  return world
}

export type World = ReturnType<typeof fakeWorld>

/** Lets everything that waits for nothing but its turn happen. */
export const turn = async () => {
  for (let i = 0; i < 50; i++) await undefined
}

export const visit = (url: string) => history.replaceState(null, '', url)

/** Makes the page visible or hidden, as a change of tab does. */
export function setVisibility(state: DocumentVisibilityState) {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(state === 'hidden')
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
}
