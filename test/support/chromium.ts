import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { browserPath } from '../browser/engines/engine.ts'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // navigator.webdriver would say that nobody is there.
  '--disable-blink-features=AutomationControlled',
  // An http page there is no secure context, as one on 127.0.0.1 is.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
]

const options = ({ whole }: { whole?: true }) => ({
  executablePath: browserPath(whole ? 'TALLYMARK_CHROMIUM_WHOLE' : 'TALLYMARK_CHROMIUM'),
  args: [...ARGUMENTS, ...(whole ? ['--headless=new'] : [])],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
})

/**
 * A real Chromium as a visitor has it: `npm test` finds or installs it.
 *
 * `whole` is the whole browser, which has the back/forward cache; without it, its headless shell, at a quarter of the work.
 */
export const launchChromium = ({ whole }: { whole?: true } = {}): Promise<Browser> => chromium.launch(options(whole ? { whole } : {}))

/** The same with one profile, kept in `folder` when the browser ends. */
export const launchKeptChromium = (folder: string): Promise<BrowserContext> => chromium.launchPersistentContext(folder, options({}))

/** User agent of the same Chromium when a person runs it. */
export const userAgentOf = (browser: Browser): string =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version().split('.', 1)}.0.0.0 Safari/537.36`
