import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linesOf } from '../../collector/cli/lines.ts'
import { bytesOf } from './direct.ts'

async function read(source: AsyncIterable<Uint8Array>): Promise<[number: number, text: string][]> {
  const lines: [number, string][] = []
  for await (const { number, texts } of linesOf(source)) lines.push(...texts.map((text, i): [number, string] => [number + i, text]))
  return lines
}

describe('lines', () => {
  it('are the same however the bytes are cut, with or without an end of the last', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'ø', '€', '😀', '"', '\r'), maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (words, hasEnd, size) => {
          const text = words.join('\n') + (hasEnd ? '\n' : '')
          const expected = text.split('\n')
          if (expected.at(-1) === '') expected.pop()
          expect(await read(bytesOf(text, size))).toEqual(expected.map((line, i) => [i + 1, line]))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are given up to one that is not UTF-8, which is named', async () => {
    const given: string[] = []
    const source = (async function* () {
      yield Buffer.concat([Buffer.from('one\ntwo\n'), Buffer.from([0xc3, 0x28]), Buffer.from('\nfour\n')])
    })()
    const reading = (async () => {
      for await (const { texts } of linesOf(source)) given.push(...texts)
    })()
    await expect(reading).rejects.toThrow('line 3: is not UTF-8')
    expect(given).toEqual(['one', 'two'])
  })

  it('do not fill the memory with a line that has no end', async () => {
    let pulled = 0
    const endless = (async function* () {
      for (; ; pulled++) yield new Uint8Array(65_536).fill(0x61)
    })()
    await expect(read(endless)).rejects.toThrow('line 1: is longer than 16777216 bytes')
    expect(pulled).toBeLessThanOrEqual(257)
  })
})
