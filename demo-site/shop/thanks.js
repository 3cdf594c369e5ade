import { findOrder, purchaseOf } from './cart.js'
import { drawLines } from './lines.js'

const order = findOrder(new URLSearchParams(location.search).get('order') ?? '')

if (order) {
  // On every load, as real thank-you pages do: reloads and back buttons send the order again, and it is the collector that counts it once.
  window.tallymark('purchase', purchaseOf(order))
  document.getElementById('order-id').textContent = order.orderId
  drawLines(order.lines)
  document.getElementById('reload-order').addEventListener('click', () => location.reload())
}
document.getElementById(order ? 'order' : 'order-missing').hidden = false
