import { formatMinor } from '../money.js'
import { CURRENCY, sumOf } from './cart.js'

/** Draws order lines into `#order-lines` and their sum into `#order-total`. With `onRemove(id)` each line gets a button. */
export function drawLines(lines, onRemove) {
  const rows = lines.map(({ id, name, quantity, sumMinor }) => {
    const row = document.createElement('li')
    row.dataset.product = id
    const text = document.createElement('span')
    text.textContent = `${quantity} × ${name}`
    const sum = document.createElement('span')
    sum.textContent = formatMinor(sumMinor, CURRENCY)
    row.append(text, sum)
    if (onRemove) {
      const button = document.createElement('button')
      button.type = 'button'
      button.className = 'remove'
      button.textContent = 'Remove'
      button.setAttribute('aria-label', `Remove ${name}`)
      button.addEventListener('click', () => onRemove(id))
      row.append(button)
    }
    return row
  })
  document.getElementById('order-lines').replaceChildren(...rows)
  document.getElementById('order-total').textContent = formatMinor(sumOf(lines), CURRENCY)
}
