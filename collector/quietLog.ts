/** How long the same message stays unsaid. */
const QUIET_MS = 10_000

export type Log = (message: string, error?: unknown) => void

/**
 * Passes each message on once in ten seconds, with the number of times it was left out since.
 *
 * A store that cannot write refuses every request, and a log of that must not fill what is left of the disk.
 */
export function quietLog(log: Log, now: () => number): Log {
  const said = new Map<string, { at: number; left: number }>()
  return (message, error) => {
    const before = said.get(message)
    if (before && now() - before.at < QUIET_MS) {
      before.left += 1
      return
    }
    if (said.size > 100) said.clear() // messages with changing parts
    said.set(message, { at: now(), left: 0 })
    log(before && before.left > 0 ? `${message} (${before.left} more times since)` : message, error)
  }
}
