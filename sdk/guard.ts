/** Tells something on the console. */
export type Say = (message: string, detail?: unknown) => void

/** Keeps what `run` throws out of the host page: for whatever the browser calls. */
export type Guard = <Args extends unknown[]>(run: (...args: Args) => unknown) => (...args: Args) => void

// biome-ignore lint/suspicious/noConsole: the console is what `debug` is for, and this is its only place
export const say: Say = (message, ...detail) => console.info(`tallymark: ${message}`, ...detail)

/** Guards that tell `say` what was thrown. */
export const guardWith =
  (tell: Say): Guard =>
  (run) =>
  (...args) => {
    try {
      run(...args)
    } catch (error) {
      tell('failed', error)
    }
  }
