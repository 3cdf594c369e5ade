import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvError } from '../../collector/spend/parseCsv.ts'
import { readSpend } from '../../collector/spend/readSpend.ts'
import { readSpendFile } from '../../collector/spend/spendFile.ts'
import { WireError } from '../../sdk/wire.ts'

/** Pieces of reports, in any order. */
const piece = fc.constantFrom(
  ...[
    'source',
    'Campaign',
    'campaign name',
    'Day',
    'Reporting starts',
    'Reporting ends',
    'Cost',
    'Amount spent (NOK)',
    'amount',
    'currency',
    'Clicks',
  ],
  ...['google', 'spring', '2026-11-01', '1,234.50', '1.234,50', '120', '-5', 'NOK', ' --', 'Total: all', '__proto__', "'=x", ''],
  ...[',', ',', ',', ';', ';', '\t', '"', '\r\n', '\n', '\r', '\ufeff', ' '],
)
const noise = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
const HEAD = 'source;campaign;day;amount;currency;clicks\n'

describe('readSpendFile', () => {
  it('gives rows that are spend or name what is wrong in them, or says in which line the file is none', () => {
    const defaults = fc.constantFrom({}, { source: 'google', campaign: 'spring', currency: 'NOK' })
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          noise.map((text) => HEAD + text),
        ),
        defaults,
        (text, defaults) => {
          try {
            const { items, sums } = readSpendFile(text, defaults)
            expect(items.length + sums).toBeLessThanOrEqual(text.split(/[\r\n]/).length)
            for (const { value, error, line } of items) {
              expect(line).toBeGreaterThan(1)
              if (!error) expect(readSpend(value, '2026-12-31')).toMatchObject({ day: '2026-11-01' })
            }
          } catch (error) {
            if (!(error instanceof WireError)) expect(error).toBeInstanceOf(CsvError)
            expect((error as Error).message).toMatch(
              error instanceof WireError ? /^(?:source|campaign|day|amount|currency|clicks) / : /^line [1-9]\d*: /,
            )
          }
        },
      ),
      { numRuns: 5_000 },
    )
  })
})
