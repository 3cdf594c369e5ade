import type { Writable } from 'node:stream'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Store } from '../store/store.ts'

/** Where a command writes: a stream of the process, or what a test reads. */
export interface Output extends Writable {
  /** A person looks on: progress may redraw in place. */
  isTTY?: boolean
  /** Width of the terminal. */
  columns?: number
}

/** What a command is handed. */
export interface Cli {
  /** What stands behind the command's name. */
  args: string[]
  store: Store
  /** ms since the epoch. */
  now: () => number
  stdin: AsyncIterable<Uint8Array>
  stdout: Output
  stderr: Output
}

/** A command of `tallymark`. */
export interface Command {
  /** One line for the list of commands. */
  summary: string
  /** What `--help` shows: how to call it, its options, an example. */
  help: string
  /** It may be the first to use a store. Any other is told when the file is missing, rather than finding all well in an empty one. */
  makesStore?: true
  /** Gives the exit code. */
  run(cli: Cli): Promise<number>
}

/** Something the user gave that cannot be; the message names the fix. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads options and the rest of a command line. Throws UsageError on what is unknown, missing or too much. */
export function readArgs<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  { options, positionals: allowed }: { options: Options; positionals: { min: number; max: number; names: string } },
) {
  const { values, positionals } = parsed(args, options)
  if (positionals.length < allowed.min || positionals.length > allowed.max) {
    const got = positionals.length === 0 ? 'nothing' : `"${positionals.join(' ')}"`
    throw new UsageError(`expected ${allowed.names || 'nothing more'}, got ${got}; see --help`)
  }
  return { values, positionals }
}

function parsed<Options extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's first sentence says what is wrong; the rest is about a "--" that nobody meant.
    throw new UsageError(`${(error as Error).message.split(/\. |\n/, 1)}; see --help`)
  }
}
