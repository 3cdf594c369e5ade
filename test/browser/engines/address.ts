import { vi } from 'vitest'

/**
 * Steps through the history, and resolves when another page is shown.
 *
 * The drivers' own ways wait for `load`, which a page from the back/forward cache does not fire.
 */
export async function settled(evaluate: (expression: string) => Promise<unknown>, step: 'back' | 'forward'): Promise<void> {
  const before = await evaluate('location.href')
  await evaluate(`void setTimeout(() => history.${step}())`)
  await vi.waitFor(
    async () => {
      const now = await evaluate('document.readyState === "complete" && location.href')
      if (!now || now === before) throw new Error(`still at ${before} after history.${step}()`)
    },
    { timeout: 10_000, interval: 20 },
  )
}
