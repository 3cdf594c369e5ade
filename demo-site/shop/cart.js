// Cart and orders of this tab, in sessionStorage. Amounts are øre; decimal strings only on the way in and out.
import { toDecimal, toMinor } from '../money.js'

export const CURRENCY = 'NOK'
export const MAX_QUANTITY = 9

const PRODUCTS = {
  'lofot-18': { name: 'Lofot 18 day pack', price: '499.00' },
  'fjell-mid': { name: 'Fjell Mid boots', price: '1249.50' },
}

const read = (key, fallback) => {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? fallback
  } catch {
    return fallback // storage is switched off or holds something foreign: the shop starts empty
  }
}
const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value))

const readCart = () => read('nordkit.cart', {})

/** Adds to what is there already, up to `MAX_QUANTITY` of each product. Returns the new quantity. */
export function addToCart(id, quantity) {
  const cart = readCart()
  cart[id] = Math.min(MAX_QUANTITY, (cart[id] ?? 0) + quantity)
  write('nordkit.cart', cart)
  return cart[id]
}

export function removeFromCart(id) {
  const { [id]: _removed, ...rest } = readCart()
  write('nordkit.cart', rest)
}

/** What is in the cart, line by line: `{id, name, priceMinor, quantity, sumMinor}`. Empty for an empty cart. */
export function cartLines() {
  return Object.entries(readCart())
    .filter(([id]) => Object.hasOwn(PRODUCTS, id))
    .map(([id, quantity]) => {
      const priceMinor = toMinor(PRODUCTS[id].price, CURRENCY)
      return { id, name: PRODUCTS[id].name, priceMinor, quantity, sumMinor: priceMinor * quantity }
    })
}

export const productName = (id) => PRODUCTS[id].name
export const sumOf = (lines) => lines.reduce((sum, { sumMinor }) => sum + sumMinor, 0)
export const countOf = (lines) => lines.reduce((count, { quantity }) => count + quantity, 0)

function newOrderId() {
  const [random] = crypto.getRandomValues(new Uint32Array(1))
  // Time first: an order of last year must not lend its number to one of today.
  return `NK-${Date.now().toString(36)}${(random % 1_296).toString(36).padStart(2, '0')}`.toUpperCase()
}

/** Turns the cart into an order and empties it. Returns the order id. */
export function placeOrder(plan) {
  const lines = cartLines()
  const orders = read('nordkit.orders', {})
  let orderId = newOrderId()
  while (orderId in orders) orderId = newOrderId()
  write('nordkit.orders', { ...orders, [orderId]: { orderId, plan, lines } })
  write('nordkit.cart', {})
  return orderId
}

/** An order of this tab, or undefined. */
export function findOrder(orderId) {
  const orders = read('nordkit.orders', {})
  return Object.hasOwn(orders, orderId) ? orders[orderId] : undefined
}

/** The order as Tallymark's `purchase` wants it. */
export function purchaseOf({ orderId, plan, lines }) {
  return {
    orderId,
    value: toDecimal(sumOf(lines), CURRENCY),
    currency: CURRENCY,
    items: lines.map(({ id, name, priceMinor, quantity }) => ({ id, name, price: toDecimal(priceMinor, CURRENCY), quantity })),
    segment: { plan },
  }
}

/** The plan chosen at sign-up in this tab: `none`, `free` or `plus`. */
export const readPlan = () => read('nordkit.plan', 'none')
export const savePlan = (plan) => write('nordkit.plan', plan)
