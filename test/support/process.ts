import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../../dist/collector/main.js')

export interface RunningCollector {
  child: ChildProcess
  /** `http://localhost:PORT`. */
  address: string
  /** What it printed, both streams. */
  output: () => string
  /** Sends the signal and resolves with the exit code, null when the signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

export interface EndedCollector {
  code: number | null
  output: string
}

function run(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN, 'start'], {
    env: { PATH: process.env.PATH, TALLYMARK_PORT: '0', TALLYMARK_RATE_PER_SOURCE: '0', ...environment },
  })
  let output = ''
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const address = new Promise<string>((found) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const [, printed] = /Dashboard +(http:\/\/\S+)\/dashboard/.exec(output) ?? []
        if (printed) found(printed)
      })
    }
  })
  return { child, address, exited, output: () => output }
}

/** Starts the built collector as a process of its own and waits until it listens. */
export async function startCollector(environment: Record<string, string>): Promise<RunningCollector> {
  const { child, address, exited, output } = run(environment)
  const started = await Promise.race([address, exited.then((code) => ({ code }))])
  if (typeof started !== 'string') throw new Error(`collector ended with ${started.code}: ${output()}`)
  return {
    child,
    address: started,
    output,
    async stop(signal) {
      child.kill(signal)
      return exited
    },
  }
}

/** Runs the built collector until it ends by itself. */
export async function runCollector(environment: Record<string, string>): Promise<EndedCollector> {
  const { exited, output } = run(environment)
  const code = await exited
  return { code, output: output() }
}
