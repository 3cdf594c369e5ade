/** What the SDK takes from the world around it: clock, randomness, transport, storage. Tests pass their own. */
export interface Environment {
  /** Whole milliseconds since the epoch. */
  now(): number
  /** `length` random bytes. */
  random(length: number): Uint8Array
  fetch(url: string, init: RequestInit): Promise<Pick<Response, 'status' | 'headers' | 'json'>>
  /** False when the browser took nothing: 64 KiB are in flight already. */
  beacon(url: string, body: string): boolean
  /** May throw: in some frames and private modes the access itself is refused. */
  storage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  /** `webdriver`: a program drives the browser. `globalPrivacyControl`: the visitor objects to tracking (https://w3c.github.io/gpc). */
  navigator: { webdriver?: boolean; globalPrivacyControl?: boolean }
  /** How the visitor came to this page: `navigate`, `reload`, `back_forward`; undefined in an old browser. */
  navigationType(): string | undefined
}

/** The browser's own. Globals are looked up at each call, so that a page that patches them is still heard. */
export const browserEnvironment = (): Environment => ({
  now: () => Date.now(),
  random(length) {
    const bytes = new Uint8Array(length)
    return (self as Partial<typeof self>).crypto?.getRandomValues(bytes) ?? bytes.map(() => Math.random() * 256)
  },
  fetch: (url, init) => fetch(url, init),
  beacon: (url, body) => navigator.sendBeacon(url, body),
  storage: () => localStorage,
  navigator,
  navigationType: () => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type,
})
