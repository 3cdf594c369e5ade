import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Store } from '../store/store.ts'

/** Where a command writes: a stream of the process, or what a test reads. */
export interface Output {
  write(text: string): void
  /** A person looks on: progress may redraw in place. */
  isTTY?: boolean | undefined
}

/** What a command is handed. */
export interface Cli {
  /** What stands behind the command's name. */
  args: string[]
  store: Store
  /** ms since the epoch. */
  now: () => number
  stdout: Output
  stderr: Output
}

/** A command of `tallymark`. */
export interface Command {
  /** One line for the list of commands. */
  summary: string
  /** What `--help` shows: how to call it, its options, an example. */
  help: string
  /** Gives the exit code. */
  run(cli: Cli): Promise<number>
}

/** Something the user wrote that cannot be; the message names the fix. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads options and the rest of a command line. Throws UsageError on what is unknown or too much. */
export function readArgs<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  { options, positionals: allowed }: { options: Options; positionals: { min: number; max: number; names: string } },
) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    if (positionals.length < allowed.min || positionals.length > allowed.max) {
      throw new UsageError(
        `expected ${allowed.names || 'nothing more'}, got ${positionals.length === 0 ? 'nothing' : `"${positionals.join(' ')}"`}`,
      )
    }
    return { values, positionals }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(error instanceof Error ? error.message.split('. To specify', 1).join('') : String(error))
  }
}
