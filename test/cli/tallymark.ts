import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const MAIN = resolve(import.meta.dirname, '../../dist/collector/main.js')

export interface Ended {
  /** Null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

export interface RunningCommand {
  child: ChildProcess
  ended: Promise<Ended>
}

/** The built `tallymark` with these arguments on the database at `path`, as a process. */
export const spawnCommand = (path: string, args: string[]) =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env.PATH, TALLYMARK_STORE: `sqlite:${path}` },
  })

/** Starts a command and reads what it says. */
export function startCommand(path: string, args: string[], { stdin = '' } = {}): RunningCommand {
  const child = spawnCommand(path, args)
  child.stdin.on('error', () => {}) // a command that reads none may be gone already
  child.stdin.end(stdin)
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { child, ended: ended.then(([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr })) }
}

/** Runs the built `tallymark` until it ends by itself. */
export const tallymark = (path: string, ...args: string[]): Promise<Ended> => startCommand(path, args).ended
