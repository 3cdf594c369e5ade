/** Stands where there is no number: a ratio over zero, an amount without a currency. */
export const NOTHING = '–'

const counts = new Intl.NumberFormat('en')
const ratios = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** Digits after the point of a currency: 2 for NOK, 0 for JPY, 3 for KWD. From ISO 4217 by way of Intl. */
export function currencyDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** `1,234,567`. */
export function formatCount(count: number | bigint): string {
  return counts.format(count)
}

/**
 * An amount with its currency code, `NOK 46,296.26`.
 *
 * `minor` is a whole number of minor units of any size: Intl gets a decimal string, so no float is on the way.
 * Codes, not symbols: `$` is the sign of twenty currencies. Throws RangeError when `minor` is no whole number.
 */
export function formatMoney(minor: number | bigint, currency: string): string {
  return formatDecimal(toDecimal(minor, currency), { style: 'currency', currency, currencyDisplay: 'code' })
}

/** As `formatMoney` without the code, for columns that name their currency. */
export function formatAmount(minor: number | bigint, currency: string): string {
  const digits = currencyDigits(currency)
  return formatDecimal(toDecimal(minor, currency), { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A rate as it was agreed, `37.50`: at least the digits of the currency, and every digit that was given. `rate` is a decimal string. */
export function formatRate(rate: string, currency: string): string {
  return formatDecimal(rate, { minimumFractionDigits: currencyDigits(currency), maximumFractionDigits: 20 })
}

/** A share as it was agreed, `10 %` for `"0.10"`, with every digit that was given. */
export function formatShare(share: string): string {
  return spaced(formatDecimal(share, { style: 'percent', maximumFractionDigits: 20 }))
}

/** `1.47 %`, `71.2 %`: two digits after the point below ten percent, one above. Null is an en dash. */
export function formatPercent(ratio: number | null): string {
  if (ratio === null) return NOTHING
  const digits = ratio < 0.1 ? 2 : 1
  return spaced(
    new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ratio),
  )
}

/** `4.41`. Null is an en dash. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? NOTHING : ratios.format(ratio)
}

/** `part / whole`, null over zero. */
export function ratio(part: number | bigint, whole: number | bigint): number | null {
  return Number(whole) === 0 ? null : Number(part) / Number(whole)
}

// A decimal string keeps every digit (ES2023); the library of types that the client is built with is older than that.
function formatDecimal(decimal: string, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat('en', options).format(decimal as unknown as number)
}

function toDecimal(minor: number | bigint, currency: string): string {
  const digits = currencyDigits(currency)
  const units = BigInt(minor)
  const padded = (units < 0n ? -units : units).toString().padStart(digits + 1, '0')
  const whole = padded.slice(0, padded.length - digits)
  const fraction = digits === 0 ? '' : `.${padded.slice(-digits)}`
  return `${units < 0n ? '-' : ''}${whole}${fraction}`
}

// A no-break space, as SI writes it.
function spaced(percent: string): string {
  return percent.replace('%', '\u00a0%')
}
