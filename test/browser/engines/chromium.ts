import type { BrowserContext, CDPSession, Page } from 'playwright-core'
import { launchChromium, launchKeptChromium } from '../../support/chromium.ts'
import type { Engine, Profile, Tab } from './engine.ts'
import { step } from './settled.ts'

/** Chromium by the DevTools protocol. A profile is a browser context; `folder` keeps one on the disk, the only one then. */
export async function openChromium({ folder, ...options }: { whole?: true; folder?: string } = {}): Promise<Engine> {
  if (folder) return keptChromium(folder)
  const browser = await launchChromium(options)
  return {
    name: 'chromium',
    version: browser.version(),
    hasPageCache: options.whole === true,
    newProfile: async () => chromiumProfile(await browser.newContext({ viewport: { width: 1280, height: 900 } })),
    close: () => browser.close(),
  }
}

async function keptChromium(folder: string): Promise<Engine> {
  const context = await launchKeptChromium(folder)
  return {
    name: 'chromium',
    version: context.browser()?.version() ?? '',
    hasPageCache: false,
    newProfile: async () => chromiumProfile(context),
    close: () => context.close(),
  }
}

function chromiumProfile(context: BrowserContext): Profile {
  return { newTab: async () => chromiumTab(context, await context.newPage()), close: () => context.close() }
}

function chromiumTab(context: BrowserContext, page: Page): Tab {
  let network: CDPSession | undefined
  const evaluate = (expression: string) => page.evaluate(expression)
  return {
    evaluate,
    goto: async (url) => void (await page.goto(url)),
    click: (selector) => page.click(selector, { noWaitAfter: true }),
    back: () => step({ evaluate }, 'back'),
    forward: () => step({ evaluate }, 'forward'),
    async setOffline(isOffline) {
      // Of this tab alone: Playwright's own switch is the whole profile's.
      network ??= await context.newCDPSession(page)
      await network.send('Network.enable')
      await network.send('Network.emulateNetworkConditions', {
        offline: isOffline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
      return true
    },
    show: () => page.bringToFront(),
    close: () => page.close(),
  }
}
