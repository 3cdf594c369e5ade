/**
 * Makes `current` the same as `next`, touching only what differs, so that focus, scroll positions, selections and open details stay.
 *
 * Children with the same `data-key` (or `id`) are the same thing, wherever they stand. What is inside `data-keep` and whether a `details`
 * is open belongs to the page. Returns the elements with `data-figure` whose text changed.
 */
export function morph(current: Element, next: Element): Element[] {
  const changed: Element[] = []
  patch(current, next, changed)
  return changed
}

function patch(current: Element, next: Element, changed: Element[]): void {
  patchAttributes(current, next)
  if (current.hasAttribute('data-keep') || current.isEqualNode(next)) return
  if (current.hasAttribute('data-figure')) {
    if (current.textContent !== next.textContent) changed.push(current)
  }
  const keyed = new Map([...current.children].flatMap((child) => (keyOf(child) ? [[keyOf(child), child] as const] : [])))
  let place: ChildNode | null = current.firstChild
  for (const node of [...next.childNodes]) {
    const match: ChildNode | undefined = keyOf(node) ? keyed.get(keyOf(node)) : sameKind(place, node)
    if (!match) {
      current.insertBefore(document.importNode(node, true), place)
      continue
    }
    if (match === place) place = match.nextSibling
    else current.insertBefore(match, place)
    if (match instanceof Element && node instanceof Element) patch(match, node, changed)
    else if (match.nodeValue !== node.nodeValue) match.nodeValue = node.nodeValue
  }
  while (place) {
    const after: ChildNode | null = place.nextSibling
    place.remove()
    place = after
  }
}

function patchAttributes(current: Element, next: Element): void {
  const isOurs = (name: string) => name === 'open' || (name === 'class' && current.hasAttribute('data-figure'))
  for (const { name, value } of [...next.attributes]) {
    if (!isOurs(name) && current.getAttribute(name) !== value) current.setAttribute(name, value)
  }
  for (const { name } of [...current.attributes]) {
    if (!isOurs(name) && !next.hasAttribute(name)) current.removeAttribute(name)
  }
}

function keyOf(node: Node): string {
  if (!(node instanceof Element)) return ''
  const key = node.getAttribute('data-key') ?? node.id
  return key && `${node.nodeName} ${key}`
}

function sameKind(place: ChildNode | null, node: Node): ChildNode | undefined {
  return place && place.nodeName === node.nodeName && keyOf(place) === '' ? place : undefined
}
