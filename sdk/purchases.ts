import type { PurchaseInput } from './tallymark.ts'
import type { Item } from './wire.ts'

type Bag = Record<string, unknown>

const isBag = (value: unknown): value is Bag => typeof value === 'object' && value !== null

/** The first of `names` that `bag` has. */
const pick = (bag: Bag, ...names: string[]) =>
  names.map((name) => bag[name]).find((value) => value !== undefined && value !== null && value !== '')

function toItems(list: unknown): Item[] | undefined {
  if (!Array.isArray(list)) return undefined
  return list.filter(isBag).map((item) => {
    const name = pick(item, 'item_name', 'name')
    const price = pick(item, 'price', 'item_price')
    return {
      id: String(pick(item, 'item_id', 'product_id', 'sku', 'id') ?? name ?? ''),
      ...(name !== undefined && { name: String(name) }),
      ...(price !== undefined && { price: price as string }),
      quantity: Number(pick(item, 'quantity') ?? 1),
    }
  })
}

/** Undefined for what has no order id: without one, a page that is loaded again would be a second sale. */
function toPurchase(order: Bag, lists: Bag = order): PurchaseInput | undefined {
  const orderId = pick(order, 'transaction_id', 'order_id', 'orderId', 'eventID', 'id')
  if (typeof orderId !== 'string' && typeof orderId !== 'number') return undefined
  const items = toItems(pick(lists, 'items', 'products', 'contents'))
  return {
    orderId,
    value: pick(order, 'value', 'total', 'revenue') as string | undefined,
    currency: pick(order, 'currency', 'currencyCode') as string | undefined,
    ...(items?.[0] && { items }),
  }
}

/**
 * The purchase in something pushed on `dataLayer`: `gtag('event', 'purchase', {…})`, GTM's `{event: 'purchase', ecommerce: {…}}`, or the `ecommerce.purchase` of Universal Analytics.
 */
export function purchaseFromDataLayer(pushed: unknown): PurchaseInput | undefined {
  if (!isBag(pushed)) return undefined
  if (pushed[0] === 'event' && pushed[1] === 'purchase' && isBag(pushed[2])) return toPurchase(pushed[2])
  const { event, ecommerce } = pushed
  if (!isBag(ecommerce)) return undefined
  const { purchase } = ecommerce
  if (isBag(purchase) && isBag(purchase.actionField))
    return toPurchase({ currency: ecommerce.currencyCode, ...purchase.actionField }, purchase)
  return event === 'purchase' ? toPurchase(ecommerce) : undefined
}

/** The purchase in `fbq('track', 'Purchase', {…}, {eventID})`. Its order is `order_id`, else `eventID`. */
export function purchaseFromPixel(call: ArrayLike<unknown>): PurchaseInput | undefined {
  const isTrack = call[0] === 'track' ? call[1] === 'Purchase' : call[0] === 'trackSingle' && call[2] === 'Purchase'
  const [data, extra] = Array.from(call).slice(call[0] === 'track' ? 2 : 3)
  if (!isTrack || !isBag(data)) return undefined
  return toPurchase({ ...(isBag(extra) ? { eventID: extra.eventID } : {}), ...data })
}

/** The purchase in Segment's `analytics.track('Order Completed', {…})`. */
export function purchaseFromTrack(call: ArrayLike<unknown>): PurchaseInput | undefined {
  return call[0] === 'Order Completed' && isBag(call[1]) ? toPurchase(call[1]) : undefined
}
