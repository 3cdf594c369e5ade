import puppeteer, { type BrowserContext, type Page } from 'puppeteer-core'
import { browserPath, type Engine, type Profile, type Tab } from './engine.ts'
import { settled, step } from './settled.ts'

/** What Firefox asks the net by itself, off; `.test` names of this machine, on. */
const PREFERENCES = {
  // By default as many pages as the memory allows are kept, over all tabs.
  'browser.sessionhistory.max_total_viewers': 100,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.localDomains': 'shop.test,t.test',
}

/** Firefox by WebDriver BiDi. A profile is a user context; `folder` keeps the browser's own profile, the one that opens first. */
export async function openFirefox({ folder }: { folder?: string } = {}): Promise<Engine> {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: browserPath('TALLYMARK_FIREFOX'),
    headless: true,
    extraPrefsFirefox: PREFERENCES,
    defaultViewport: null,
    args: ['--width=1280', '--height=1000'],
    ...(folder && { userDataDir: folder }),
  })
  return {
    name: 'firefox',
    version: (await browser.version()).replace('firefox/', ''),
    hasPageCache: true,
    newProfile: async () =>
      folder ? firefoxProfile(browser.defaultBrowserContext()) : firefoxProfile(await browser.createBrowserContext()),
    close: () => browser.close(),
  }
}

function firefoxProfile(context: BrowserContext): Profile {
  return {
    newTab: async (window = 'own') => firefoxTab(await context.newPage({ type: window === 'own' ? 'window' : 'tab' })),
    close: async () => {
      const pages = await context.pages()
      await Promise.all(pages.map((page) => page.close()))
      await context.close().catch(() => undefined) // the browser's own context cannot be closed
    },
  }
}

function firefoxTab(page: Page): Tab {
  const evaluate = (expression: string) => page.evaluate(expression)
  return {
    evaluate,
    // Puppeteer waits for ever for a page to load after one that came from the back/forward cache.
    async goto(url) {
      const before = await evaluate('performance.timeOrigin')
      await evaluate(`void (location.href = ${JSON.stringify(url)})`)
      const arrived = `performance.timeOrigin !== ${before} && location.href === ${JSON.stringify(new URL(url).href)}`
      await settled({ evaluate }, `${arrived} && document.readyState === 'complete'`)
    },
    click: (selector) => page.click(selector),
    back: () => step({ evaluate }, 'back'),
    forward: () => step({ evaluate }, 'forward'),
    async setOffline(isOffline) {
      await page.setOfflineMode(isOffline)
      return true
    },
    show: () => page.bringToFront(),
    close: () => page.close(),
  }
}
