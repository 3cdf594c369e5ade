import { isUtf8 } from 'node:buffer'
import { UsageError } from './cli.ts'

const NEWLINE = 0x0a

/** Over what one import of spend can be (2 MiB, in which each byte may need six in JSON), and what is held in memory of a file that has no line ends. */
const MAX_BYTES = 16_777_216

/** Lines of a file, and where they stand. */
export interface Lines {
  /** Of the first, from 1. */
  number: number
  texts: string[]
}

/** The lines in `bytes`, up to the first that is not UTF-8: `isWhole` says whether there was none. */
function split(bytes: Buffer): { texts: string[]; isWhole: boolean } {
  const texts: string[] = []
  const isValid = isUtf8(bytes)
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, start)
    const end = found < 0 ? bytes.length : found
    if (!isValid && !isUtf8(bytes.subarray(start, end))) return { texts, isWhole: false }
    texts.push(bytes.toString('utf8', start, end))
    start = end + 1
  }
  return { texts, isWhole: true }
}

/**
 * The lines of a stream of bytes without their ends, those of a chunk at a time: to wait for each would cost as much as to read it.
 *
 * Holds a chunk and a line. Throws UsageError on a line that is too long or not UTF-8, after those before it were given.
 */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Lines> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  let number = 1

  function* take(bytes: Buffer): Generator<Lines> {
    const { texts, isWhole } = split(bytes)
    yield { number, texts }
    number += texts.length
    if (!isWhole) throw new UsageError(`line ${number}: is not UTF-8`)
  }
  for await (const chunk of source) {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      yield* take(Buffer.concat([...rest, chunk.subarray(0, end)]))
      rest = []
      restBytes = 0
    }
    rest.push(Uint8Array.from(chunk.subarray(end))) // a copy, which does not hold on to the chunk
    restBytes += chunk.length - end
    if (restBytes > MAX_BYTES) throw new UsageError(`line ${number}: is longer than ${MAX_BYTES} bytes`)
  }
  if (restBytes > 0) yield* take(Buffer.concat(rest))
}
