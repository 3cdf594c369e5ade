export type EngineName = 'chromium' | 'firefox' | 'webkit'

/** One tab as a visitor has it: input goes through the browser, not through the page. */
export interface Tab {
  /** Resolves when the page has loaded. */
  goto(url: string): Promise<void>
  /** Value of a JavaScript expression in the page, as JSON can carry it; a promise is waited for. Rejects when it throws. */
  evaluate(expression: string): Promise<unknown>
  /** A real click in the middle of the first element that matches. Resolves when the browser took the click, not when a page has loaded. */
  click(selector: string): Promise<void>
  /** A step through the history. Resolves when the address has changed. */
  back(): Promise<void>
  forward(): Promise<void>
  /** The tab's network goes away or comes back, `online` and `offline` events with it. False where the browser has no such switch. */
  setOffline(isOffline: boolean): Promise<boolean>
  /** Brings the tab before the others of its window. */
  show(): Promise<void>
  /** At once; a page is not asked. */
  close(): Promise<void>
}

/** A visitor: storage and cache of its own, empty at first, that outlive its tabs. */
export interface Profile {
  /** In a window of its own, and so in view; `same`: in the window of the last, which it covers (Firefox only). */
  newTab(window?: 'own' | 'same'): Promise<Tab>
  close(): Promise<void>
}

/** A real browser that runs. Names below `.test` lead to this machine, and are no secure context. */
export interface Engine {
  name: EngineName
  version: string
  /** Whether a page that can be kept always comes back from the back/forward cache; WebKit keeps too few for many tabs. */
  hasPageCache: boolean
  newProfile(): Promise<Profile>
  close(): Promise<void>
}

/** Path that `npm test` has found, or a sentence of what to do. */
export function browserPath(variable: string): string {
  const path = process.env[variable]
  if (!path) throw new Error(`${variable} is not set; run the tests by "npm test", which finds or installs the browsers`)
  return path
}
