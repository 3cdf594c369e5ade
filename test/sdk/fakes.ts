import { vi } from 'vitest'
import { type Environment, init, type Options } from '../../sdk/index.ts'
import type { WireBatch, WireEvent } from '../../sdk/wire.ts'

export interface Sent {
  url: string
  batch: WireBatch
}

/** A world of its own for each test: a clock that stands, a device, a collector that takes everything. */
export function fakeWorld() {
  const device = new Map<string, string>()
  const requests: (Sent & { init: RequestInit })[] = []
  const beacons: Sent[] = []
  let seed = 1
  const world = {
    device,
    requests,
    beacons,
    clock: 1_764_000_000_000,
    /** Answers of the collector to come; when there is none it takes the batch. An Error is a broken connection. */
    answers: [] as (Response | Error)[],
    beaconsTaken: Number.POSITIVE_INFINITY,
    navigationType: 'navigate' as string | undefined,
    navigator: {} as Environment['navigator'],
    /** All events that were sent by fetch, in order. */
    get events(): WireEvent[] {
      return requests.flatMap(({ batch }) => batch.events)
    },
    stored: (key: string): unknown[] => JSON.parse(device.get(key) ?? '[]'),
    environment: undefined as unknown as Environment,
    start: (options: Partial<Options> = {}) => init({ site: 'shop', endpoint: 'https://t.example', ...options }, world.environment),
  }
  world.environment = {
    now: () => world.clock,
    random(length) {
      // One byte is the jitter: each back-off in full. More are an id.
      return length === 1
        ? Uint8Array.of(255)
        : Uint8Array.from({ length }, () => {
            seed = (seed * 16_807) % 2_147_483_647
            return seed
          })
    },
    async fetch(url, init) {
      const batch: WireBatch = JSON.parse(init.body as string)
      requests.push({ url, batch, init })
      const answer = world.answers.shift() ?? Response.json({ accepted: batch.events.length, duplicates: 0, rejected: [] }, { status: 202 })
      if (answer instanceof Error) throw answer
      return answer
    },
    beacon(url, body) {
      if (beacons.length >= world.beaconsTaken) return false
      beacons.push({ url, batch: JSON.parse(body) })
      return true
    },
    storage: () => ({
      getItem: (key) => device.get(key) ?? null,
      setItem: (key, value) => void device.set(key, value),
      removeItem: (key) => void device.delete(key),
    }),
    get navigator() {
      return world.navigator
    },
    navigationType: () => world.navigationType,
  }
  return world
}

export type World = ReturnType<typeof fakeWorld>

/** Lets everything that waits for nothing but its turn happen. */
export const turn = async () => {
  for (let i = 0; i < 20; i++) await undefined
}

export const visit = (url: string) => history.replaceState(null, '', url)

/** Makes the page visible or hidden, as a change of tab does. */
export function setVisibility(state: DocumentVisibilityState) {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
}
