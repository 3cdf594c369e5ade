import { expect, it } from 'vitest'
import { isPaymentReturn } from '../../collector/attribution/isPaymentReturn.ts'

it.each([
  [{ source: 'paypal' }, true],
  [{ source: 'www.paypal.com', medium: 'referral' }, true],
  [{ source: 'https://checkout.stripe.com/c/pay?x=1', medium: 'Referral' }, true],
  [{ source: 'PAY.KLARNA.COM' }, true],
  [{ source: 'secure.worldpay.co.uk' }, true],
  // An advertisement sold by a provider counts like any.
  [{ source: 'klarna', medium: 'affiliate' }, false],
  [{ source: 'paypal.com', medium: 'cpc' }, false],
  // Names that only hold one.
  [{ source: 'stripes-magazine.example' }, false],
  [{ source: 'google', medium: 'referral' }, false],
  [{ medium: 'referral' }, false],
  [{}, false],
] as const)('%j: %s', (touch, expected) => {
  expect(isPaymentReturn(touch)).toBe(expected)
})
