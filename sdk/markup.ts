import { joinTags, type TagsInput } from './tags.ts'
import type { Tags } from './wire.ts'

/**
 * What the attributes of `element` alone say: each `PREFIXNAME` as NAME, each `PREFIXsegment-NAME` as a label of `segment`.
 *
 * HTML writes attribute names in lower case, so NAME is in lower case too. Read by the prototype's getter: a form's own may be hidden by a field of that name
 * (https://html.spec.whatwg.org/multipage/forms.html#the-form-element:supported-property-names).
 */
export function readAttributes(element: Element, prefix = 'data-tm-'): TagsInput {
  const segment: Record<string, string> = {}
  const tags: TagsInput & Record<string, unknown> = {}
  for (const { name, value } of Reflect.get(Element.prototype, 'attributes', element) as NamedNodeMap) {
    const [, isLabel, key] = name.match(`^${prefix}(segment-)?(.+)`) ?? []
    if (key) (isLabel ? segment : tags)[key] = value
  }
  tags.segment = segment
  return tags
}

/** On the way up from an element: what a shadow root, a frame's document or an element has. */
type Step = { nodeType?: number; host?: Step; defaultView?: { frameElement: Step } } | null | undefined

/** `node` and what it stands in, the nearest first, out of shadow roots and frames too. */
export function ancestors(node: object): Element[] {
  const path: Element[] = []
  for (let step = node as Step; step; step = Reflect.get(Node.prototype, 'parentNode', step) ?? step.host ?? step.defaultView?.frameElement)
    if (step.nodeType === 1) path.push(step as Element)
  return path
}

/**
 * Tags of an ad, link or form from `data-tm-…` on it or any ancestor; of one attribute the nearest wins.
 *
 * The value of `attribute` on `element` is its placement; when it is empty, that is `data-tm-placement`.
 */
export const readMarkup = (element: Element, attribute?: string): Tags =>
  joinTags(
    { placement: (readAttributes(element) as Record<string, string>)[attribute as string] },
    ...ancestors(element).map((ancestor) => readAttributes(ancestor)),
  )
