/**
 * What the SDK takes from the window, as it is when the SDK starts: what the page makes of its globals later reaches no event. Tests pass their own.
 *
 * Any of it may be missing or throw, `localStorage` at the access alone.
 */
export type Environment = Pick<
  typeof globalThis,
  'Date' | 'Math' | 'clearTimeout' | 'crypto' | 'fetch' | 'localStorage' | 'performance' | 'setTimeout'
> & {
  /** `webdriver`: a program drives the browser. `globalPrivacyControl`: the visitor objects to tracking (https://w3c.github.io/gpc). */
  navigator: Pick<Navigator, 'locks' | 'sendBeacon' | 'webdriver'> & { globalPrivacyControl?: boolean }
}
