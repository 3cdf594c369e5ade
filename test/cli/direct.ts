import { Writable } from 'node:stream'
import type { Command, Output } from '../../collector/cli/cli.ts'
import type { Store } from '../../collector/store/store.ts'
import { NOON } from '../support/events.ts'

/** A stream that keeps what is written; `isTTY` makes it a terminal of 80 columns. */
export function sink({ isTTY = false } = {}): Output & { text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  return Object.assign(stream, { isTTY, columns: 80, text: () => text })
}

/** The bytes of a text, cut into chunks of this many. */
export async function* bytesOf(text: string, chunkBytes = 65_536): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** Runs a command in this process, at NOON. */
export async function runCommand(command: Command, { store, args = [], stdin = '' }: { store: Store; args?: string[]; stdin?: string }) {
  const [stdout, stderr] = [sink(), sink()]
  const code = await command.run({ args, store, now: () => NOON, stdin: bytesOf(stdin), stdout, stderr })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
