/**
 * A number as platforms and spreadsheets write it, as a plain decimal string: `1,234.50`, `1.234,50`, `1 234,50` and `1234,5` are `1234.50` and `1234.5`.
 *
 * Where both marks occur, the last is the decimal one. A single mark before exactly three digits is what `decimalMark` says: the comma of a file whose cells
 * are separated by `;`, else the point. Undefined for what is no number at or above 0.
 */
export function readNumber(text: string, decimalMark: '.' | ','): string | undefined {
  const digits = text.replace(/[\s'’]/g, '')
  if (!/^\d[\d.,]*$/.test(digits)) return undefined
  const marks = digits.replace(/\d/g, '')
  const last = marks.at(-1) ?? ''
  const isDecimal =
    last !== '' &&
    marks.indexOf(last) === marks.length - 1 &&
    (new Set(marks).size === 2 || last === decimalMark || !/^\d{1,3}[.,]\d{3}$/.test(digits))
  const cut = isDecimal ? digits.lastIndexOf(last) : digits.length
  const [whole, fraction] = [digits.slice(0, cut), digits.slice(cut + 1)]
  // Groups of three, all parted by one mark; India's of two before the last three.
  if (!/^\d+$|^\d{1,3}(?:,\d{3})+$|^\d{1,3}(?:\.\d{3})+$|^\d{1,2}(?:,\d\d)*,\d{3}$/.test(whole)) return undefined
  if (isDecimal && (!/^\d+$/.test(fraction) || whole.includes(last))) return undefined
  return whole.replace(/[.,]/g, '') + (isDecimal ? `.${fraction}` : '')
}
