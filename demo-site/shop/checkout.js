import { cartLines, placeOrder, readPlan, removeFromCart } from './cart.js'
import { showCartCount } from './header.js'
import { drawLines } from './lines.js'

const form = document.getElementById('checkout-form')

function draw() {
  const lines = cartLines()
  document.getElementById('cart-empty').hidden = lines.length > 0
  document.getElementById('checkout').hidden = lines.length === 0
  drawLines(lines, (id) => {
    removeFromCart(id)
    showCartCount()
    draw()
  })
}

form.elements.plan.value = readPlan()
draw()
// Back from the thank-you page: the cart is empty now, and the same order must not be placed twice.
addEventListener('pageshow', draw)

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (cartLines().length === 0) return draw()
  const orderId = placeOrder(form.elements.plan.value)
  location.assign(`/demo/shop/thanks.html?order=${encodeURIComponent(orderId)}`)
})
