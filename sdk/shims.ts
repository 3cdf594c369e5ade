import { guardWith } from './guard.ts'
import { purchaseFromDataLayer, purchaseFromPixel, purchaseFromTrack } from './purchases.ts'
import type { PurchaseInput, Tallymark } from './tallymark.ts'

type Call = (...args: unknown[]) => unknown

interface Page {
  dataLayer?: unknown[]
  fbq?: Call & { queue?: ArrayLike<unknown>[] }
  analytics?: { track?: Call; ready?: (run: () => void) => void } & Partial<ArrayLike<ArrayLike<unknown>>>
}

/**
 * Takes the purchases that a page reports to others: `gtag('event', 'purchase')`, `dataLayer` ecommerce, `fbq('track', 'Purchase')`, Segment's `Order Completed`.
 *
 * What was reported before the call counts too, each order once; the originals still run, with the same arguments and result. An order without an id is none. What is put on the
 * page later is found when it has loaded. Throws nothing; does nothing on a server.
 */
export function shims(tallymark: Pick<Tallymark, 'purchase'>): void {
  if (typeof document === 'undefined') return
  const page = window as unknown as Page
  const guard = guardWith(undefined)
  const orders = new Set<string>()
  const followed = new WeakSet<object>()

  const report = (purchase: PurchaseInput | undefined) => {
    if (!purchase || orders.has(`${purchase.orderId}`)) return
    orders.add(`${purchase.orderId}`)
    tallymark.purchase(purchase)
  }
  const isNew = <T extends object>(value: T | undefined): value is T => {
    if (!value || followed.has(value)) return false
    followed.add(value)
    return true
  }
  /** `original` that also tells `look` its arguments. */
  const tell = <Original extends Call>(original: Original, look: (call: unknown[]) => void): Original => {
    const looking = guard(look)
    const told = new Proxy(original, {
      apply(target, self, args) {
        looking(args)
        return Reflect.apply(target, self, args)
      },
    })
    followed.add(told)
    return told
  }

  const follow = guard(() => {
    const { dataLayer, fbq, analytics } = page
    if (isNew(dataLayer)) {
      for (const pushed of [...dataLayer]) report(purchaseFromDataLayer(pushed))
      dataLayer.push = tell(dataLayer.push, (items) => {
        for (const item of items) report(purchaseFromDataLayer(item))
      }) as never
    }
    if (isNew(fbq)) {
      for (const call of fbq.queue ?? []) report(purchaseFromPixel(call))
      page.fbq = tell(fbq, (call) => report(purchaseFromPixel(call)))
    }
    if (isNew(analytics)) {
      // Segment's snippet is a list of calls until the library takes its place.
      for (const [method, ...call] of Array.isArray(analytics) ? (analytics as unknown[][]) : [])
        if (method === 'track') report(purchaseFromTrack(call))
      if (analytics.track) analytics.track = tell(analytics.track, (call) => report(purchaseFromTrack(call)))
      analytics.ready?.(follow)
    }
  })
  follow()
  for (const type of ['DOMContentLoaded', 'load']) addEventListener(type, follow)
}
