import { addToCart, MAX_QUANTITY, productName } from './cart.js'
import { showCartCount } from './header.js'

const added = document.getElementById('added')

function say(id, inCart) {
  const checkout = document.createElement('a')
  checkout.href = '/demo/shop/checkout.html'
  checkout.id = 'go-to-checkout'
  checkout.textContent = 'Go to checkout'
  const most = inCart === MAX_QUANTITY ? ', the most we send at once' : ''
  added.replaceChildren(`In your cart: ${inCart} × ${productName(id)}${most}. `, checkout)
  added.hidden = false
}

for (const form of document.querySelectorAll('form.add')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const id = form.dataset.product
    const inCart = addToCart(id, form.elements.quantity.valueAsNumber)
    showCartCount()
    say(id, inCart)
  })
}
