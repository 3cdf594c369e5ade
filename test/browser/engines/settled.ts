import { vi } from 'vitest'
import type { Tab } from './engine.ts'

/** Waits until `expression` is true in the page, whichever page that is by then. */
export async function settled({ evaluate }: Pick<Tab, 'evaluate'>, expression: string): Promise<void> {
  await vi.waitFor(
    async () => {
      if ((await evaluate(`Boolean(${expression})`)) !== true) throw new Error(`not true yet: ${expression}`)
    },
    { timeout: 15_000, interval: 20 },
  )
}

/**
 * Steps through the history, and resolves when another page is shown.
 *
 * The drivers' own ways wait for `load`, which a page from the back/forward cache does not fire.
 */
export async function step(tab: Pick<Tab, 'evaluate'>, way: 'back' | 'forward'): Promise<void> {
  const before = await tab.evaluate('location.href')
  await tab.evaluate(`void setTimeout(() => history.${way}())`)
  await settled(tab, `location.href !== ${JSON.stringify(before)} && document.readyState === 'complete'`)
}
