/** Tells something on the console. */
export type Say = (message: unknown, detail?: unknown) => void

/** Keeps what `run` throws out of the host page: for whatever the browser calls. */
export type Guard = <Args extends unknown[], Result>(run: (...args: Args) => Result) => (...args: Args) => Result | undefined

// biome-ignore lint/suspicious/noConsole: the console is what `debug` is for, and this is its only place
export const say: Say = (message, ...detail) => console.info(`tallymark: ${message}`, ...detail)

/** Guards that tell `say`, if anyone, what was thrown. */
export const guardWith =
  (tell: Say | undefined): Guard =>
  (run) =>
  (...args) => {
    try {
      return run(...args)
    } catch (error) {
      tell?.('failed', error)
    }
    return
  }
