const NEWLINE = 0x0a

/** The lines of a stream of bytes, without their ends, each with its number from 1. Holds no more than a line and a chunk. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<{ number: number; text: string }> {
  let rest = Buffer.alloc(0)
  let number = 0
  for await (const chunk of source) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      number += 1
      yield { number, text: bytes.toString('utf8', start, end) }
      start = end + 1
    }
    rest = Buffer.from(bytes.subarray(start))
  }
  if (rest.length > 0) yield { number: number + 1, text: rest.toString() }
}
