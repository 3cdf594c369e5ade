import type { Touch } from '../../sdk/wire.ts'

/**
 * Payment providers by the first label of their domain, which is also how `utm_source` calls them.
 *
 * Those that shops of Europe and North America send their customers to and get them back from.
 */
export const PAYMENT_PROVIDERS: ReadonlySet<string> = new Set([
  'adyen',
  'afterpay',
  'amazonpay',
  'authorize',
  'bankid',
  'braintree',
  'braintreegateway',
  'clearpay',
  'dibspayment',
  'klarna',
  'mollie',
  'nets',
  'nexi',
  'paypal',
  'qliro',
  'sagepay',
  'shopify-pay',
  'sofort',
  'stripe',
  'svea',
  'swish',
  'trustly',
  'vipps',
  'walley',
  'worldpay',
])

/** Labels of a host or a bare name: `checkout`, `paypal` and `com` of `https://checkout.paypal.com/x`. */
function labelsOf(source: string): string[] {
  const host = source
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/:?#].*$/, '')
  return host.split('.')
}

/**
 * Whether a touch is a visitor who comes back from paying, and no new contact with a campaign.
 *
 * Its source is a payment provider and its medium is missing or `referral`, as the provider's own link home has it. With another medium
 * it is an advertisement (Klarna and PayPal sell some), which counts like any.
 */
export function isPaymentReturn({ source, medium }: Pick<Touch, 'source' | 'medium'>): boolean {
  if (source === undefined) return false
  if (medium !== undefined && medium.toLowerCase() !== 'referral') return false
  return labelsOf(source).some((label) => PAYMENT_PROVIDERS.has(label))
}
