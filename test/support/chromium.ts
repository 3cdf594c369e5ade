import { type Browser, chromium } from 'playwright-core'

/** A real Chromium as a visitor has it: `npm test` finds or installs it. */
export function launchChromium(): Promise<Browser> {
  const executablePath = process.env.TALLYMARK_CHROMIUM
  if (!executablePath) throw new Error('TALLYMARK_CHROMIUM is not set; run the tests by "npm test", which finds or installs Chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // navigator.webdriver would say that nobody is there.
      '--disable-blink-features=AutomationControlled',
    ],
  })
}

/** User agent of the same Chromium when a person runs it. */
export const userAgentOf = (browser: Browser): string =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version().split('.', 1)}.0.0.0 Safari/537.36`
