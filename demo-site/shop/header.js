import { cartLines, countOf } from './cart.js'

/** Shows how many pieces are in the cart. */
export function showCartCount() {
  document.getElementById('cart-count').textContent = String(countOf(cartLines()))
}

showCartCount()
// A page that comes back from the back/forward cache shows the cart of its own past.
addEventListener('pageshow', showCartCount)
