import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNumber } from '../../collector/spend/readNumber.ts'

describe('readNumber', () => {
  it.each<[string, string | undefined, string | undefined]>([
    // as written, in a file with a decimal point, in one with a decimal comma
    ['0', '0', '0'],
    ['1234', '1234', '1234'],
    ['120.50', '120.50', '120.50'],
    ['120,50', '120.50', '120.50'],
    ['1,234', '1234', '1.234'],
    ['1.234', '1.234', '1234'],
    ['1,234.50', '1234.50', '1234.50'],
    ['1.234,50', '1234.50', '1234.50'],
    ['1,234,567', '1234567', '1234567'],
    ['1.234.567,8', '1234567.8', '1234567.8'],
    ['12,34,567.50', '1234567.50', '1234567.50'],
    ['1 234,5', '1234.5', '1234.5'],
    ['1\u00a0234\u202f567', '1234567', '1234567'],
    ["1'234.50", '1234.50', '1234.50'],
    ['0.000001', '0.000001', '0.000001'],
    ['1234,567', '1234.567', '1234.567'],
    ['', undefined, undefined],
    ['-5', undefined, undefined],
    ['.5', undefined, undefined],
    ['5.', undefined, undefined],
    ['1,23,4', undefined, undefined],
    ['1.234,567.8', undefined, undefined],
    ['1e3', undefined, undefined],
    ['NOK 5', undefined, undefined],
    ['١٢', undefined, undefined],
  ])('reads %j', (text, withPoint, withComma) => {
    expect([readNumber(text, '.'), readNumber(text, ',')]).toEqual([withPoint, withComma])
  })

  it('reads what any locale writes, with its own mark', () => {
    const locale = fc.constantFrom<[string, '.' | ',']>(['en', '.'], ['de', ','], ['nb', ','], ['de-CH', '.'], ['fr', ','], ['en-IN', '.'])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 }), locale, (minor, [name, mark]) => {
        const text = new Intl.NumberFormat(name, { minimumFractionDigits: 2 }).format(minor / 100)
        expect(Number(readNumber(text, mark))).toBe(minor / 100)
      }),
    )
  })
})
