/** Keeps what `run` throws out of the host page: for whatever the browser calls. */
export type Guard = <Args extends unknown[], Result>(run: (...args: Args) => Result) => (...args: Args) => Result | undefined

/** Tells something on the console: what `debug` is for. */
// biome-ignore lint/suspicious/noConsole: its only place
export const say = (message: unknown, ...detail: unknown[]): void => console.info(`tallymark: ${message}`, ...detail)

/** Guards that tell what was thrown if `debug`. */
export const guardWith =
  (debug: unknown): Guard =>
  (run) =>
  (...args) => {
    try {
      return run(...args)
    } catch (error) {
      if (debug) say('failed', error)
    }
    return
  }
