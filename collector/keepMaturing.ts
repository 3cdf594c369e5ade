import type { Store } from './store/store.ts'

/** How late after its end a validation period may be noticed, at most. */
const MATURE_EVERY_MS = 5_000

/** Conversions in one transaction: requests wait for no more. */
const MATURE_LIMIT = 500

/**
 * Lets go of conversions whose validation period is over, now and every 5 s, until `closing`.
 *
 * `every` calls back again and again after so many ms. A store that cannot be written to is told of by those who need it, and this is tried again.
 */
export function keepMaturing({
  store,
  now,
  every,
  closing,
}: {
  store: Pick<Store, 'mature'>
  now: () => number
  every: (ms: number, run: () => void) => void
  closing: AbortSignal
}): void {
  let isRunning = false
  const run = async () => {
    if (isRunning) return
    isRunning = true
    try {
      while (!closing.aborted && (await store.mature(now(), MATURE_LIMIT)) === MATURE_LIMIT)
        await new Promise((resolve) => setImmediate(resolve))
    } catch {
      // see above
    } finally {
      isRunning = false
    }
  }
  void run()
  every(MATURE_EVERY_MS, () => void run())
}
