import { quietLog } from '../quietLog.ts'
import type { Store } from '../store/store.ts'
import { DELIVER_EVERY_MS, type DeliverOptions, deliver } from '../webhooks/deliver.ts'
import { WATCH_EVERY_MS, watchBudgets } from './watchBudgets.ts'

/**
 * Looks at budgets and sends webhooks for as long as the collector runs.
 *
 * `every` calls back again and again after so many ms. One look is over before the next begins; none begins once the collector is `closing`.
 */
export function keepNotices({
  store,
  every,
  closing,
  log,
  ...options
}: DeliverOptions & { store: Store; every: (ms: number, run: () => void) => void; closing: AbortSignal }): void {
  const quiet = quietLog(log, options.now)
  const keep = (name: string, ms: number, run: () => Promise<unknown>) => {
    let isRunning = false
    every(ms, async () => {
      if (isRunning || closing.aborted) return
      isRunning = true
      try {
        await run()
      } catch (error) {
        if (!closing.aborted) quiet(`tallymark: ${name} failed, and is tried again`, error)
      } finally {
        isRunning = false
      }
    })
  }
  keep('looking at budgets', WATCH_EVERY_MS, watchBudgets({ store, ...options }))
  const send = deliver({ ...options, log: quiet })
  // It keeps itself from sending twice; a webhook that is slow must not hold up the others.
  every(DELIVER_EVERY_MS, () => void (closing.aborted || send()))
}
