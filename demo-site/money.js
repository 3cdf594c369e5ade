// Money is an integer of minor units (øre, cents) from the first sum to the last; a decimal string only where it leaves the program.

const LOCALE = 'en-GB'

/** How many digits a currency has after the point: 2 for NOK, 0 for JPY. */
const exponentOf = (currency) => new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits

/** Minor units of a decimal string: `toMinor('499.00', 'NOK')` is 49900. Throws RangeError on anything else. */
export function toMinor(decimal, currency) {
  const exponent = exponentOf(currency)
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  if (whole === undefined || fraction.length > exponent) throw new RangeError(`money: "${decimal}" is not an amount of ${currency}`)
  return Number(whole + fraction.padEnd(exponent, '0'))
}

/** The decimal string of minor units, as the wire wants it: `toDecimal(49900, 'NOK')` is `'499.00'`. */
export function toDecimal(minor, currency) {
  const exponent = exponentOf(currency)
  const sign = String(minor).startsWith('-') ? '-' : ''
  const digits = String(minor)
    .replace('-', '')
    .padStart(exponent + 1, '0')
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** For people: `formatMinor(49900, 'NOK')` is `'NOK 499.00'`. Intl formats the decimal string, so no float is involved. */
export function formatMinor(minor, currency) {
  return new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).format(toDecimal(minor, currency))
}

/** The same without the currency, for a table that names it once. */
export function formatAmount(minor, currency) {
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: exponentOf(currency) }).format(toDecimal(minor, currency))
}
