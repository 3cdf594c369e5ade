import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvError, parseCsv } from '../../collector/spend/parseCsv.ts'

/** Every character that means something in CSV, among some that do not. */
const cell = fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\r', '\n', ' ', "'", 'a', 'å', '😀', '='), maxLength: 8 })
const separator = fc.constantFrom(',', ';', '\t')
const lineEnd = fc.constantFrom('\r\n', '\n', '\r')

const written = (cell: string, { isQuoted, separator }: { isQuoted: boolean; separator: string }) =>
  isQuoted || /["\r\n]/.test(cell) || cell.includes(separator) ? `"${cell.replaceAll('"', '""')}"` : cell

describe('parseCsv', () => {
  it('reads back what was written, however it was, and tells where each record begins', () => {
    const records = fc.array(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 }), { maxLength: 6 })
    fc.assert(
      fc.property(records, separator, lineEnd, fc.boolean(), (rows, separator, end, isEnded) => {
        const lines = rows.map((cells) => cells.map(([cell, isQuoted]) => written(cell, { isQuoted, separator })).join(separator))
        const text = lines.join(end) + (isEnded ? end : '')
        const expected = []
        let line = 1
        for (const [i, cells] of rows.entries()) {
          const texts = cells.map(([cell]) => cell)
          if (texts.some((cell) => cell !== '')) expected.push({ line, cells: texts })
          line += ((lines[i] ?? '').replaceAll('\r\n', '\n').match(/[\r\n]/g) ?? []).length + 1
        }
        expect(parseCsv(text, { separator })).toEqual(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  it('reads any text or says in which line it is none, and never anything else', () => {
    const text = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a', ' '), maxLength: 40 })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), separator, (text, separator) => {
        try {
          const records = parseCsv(text, { separator })
          // Nothing is lost but quotes, separators and line ends.
          const rest = (from: string) => from.replaceAll(/["\r\n]/g, '').replaceAll(separator, '')
          expect(rest(records.flatMap(({ cells }) => cells).join(''))).toBe(rest(text))
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError)
          expect((error as Error).message).toMatch(/^line [1-9]\d*: /)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('stops at the limit', () => {
    expect(parseCsv('a\nb\n"', { separator: ',', limit: 2 })).toHaveLength(2)
  })
})
