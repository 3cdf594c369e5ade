import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'

const TICK_EVERY_MS = 1_000
const HEARTBEAT_MS = 15_000 // under the 30-60 s after which proxies cut a silent connection
const RETRY_MS = 2_000

/**
 * A stream of server-sent events with one `tick` after commits, at most one a second: word that there is news, never the news itself.
 *
 * Ends when the client goes, the collector stops (`closing`), or the session is over (`expiresAt`, ms; looked at with every heartbeat).
 */
export function streamTicks(
  c: Context,
  options: { onCommit(listener: () => void): () => void; now(): number; expiresAt: number; closing: AbortSignal },
): Response {
  return streamSSE(c, async (stream) => {
    const gone = new AbortController()
    const ended = AbortSignal.any([gone.signal, options.closing])
    let news = new AbortController()
    stream.onAbort(() => gone.abort())
    const unsubscribe = options.onCommit(() => news.abort())
    try {
      // The first bytes make the browser's `open` event fire at once.
      await stream.write(`retry: ${RETRY_MS}\n\n`)
      while (!ended.aborted && options.now() < options.expiresAt) {
        await rest(HEARTBEAT_MS, AbortSignal.any([ended, news.signal]))
        if (!news.signal.aborted) {
          await stream.write(': \n\n')
          continue
        }
        news = new AbortController()
        await stream.writeSSE({ event: 'tick', data: '' })
        await rest(TICK_EVERY_MS, ended)
      }
    } finally {
      unsubscribe()
    }
  })
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    // Being woken is the point.
  }
}
