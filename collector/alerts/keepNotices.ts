import { quietLog } from '../quietLog.ts'
import type { Store } from '../store/store.ts'
import { DELIVER_EVERY_MS, type DeliverOptions, deliver } from '../webhooks/deliver.ts'
import { WATCH_EVERY_MS, watchBudgets } from './watchBudgets.ts'

/**
 * Looks at budgets, now and every 30 s, and sends webhooks, for as long as the collector runs.
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
  const watch = watchBudgets({ store, ...options })
  let isWatching = false
  const look = async () => {
    if (isWatching || closing.aborted) return
    isWatching = true
    try {
      await watch()
    } catch (error) {
      if (!closing.aborted) quiet('tallymark: looking at budgets failed, and is tried again', error)
    } finally {
      isWatching = false
    }
  }
  void look()
  every(WATCH_EVERY_MS, () => void look())
  const send = deliver({ ...options, log: quiet })
  // It keeps itself from sending twice; a webhook that is slow must not hold up the others.
  every(DELIVER_EVERY_MS, () => void (closing.aborted || send()))
}
