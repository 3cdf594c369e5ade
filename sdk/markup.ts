import { joinTags, type TagsInput } from './tags.ts'
import type { Tags } from './wire.ts'

/**
 * What the attributes of `element` alone say: each `PREFIXNAME` as NAME, each `PREFIXsegment-NAME` as a label of `segment`.
 *
 * HTML writes attribute names in lower case, so NAME is in lower case too.
 */
export function readAttributes(element: Element, prefix: string): TagsInput {
  const tags: Record<string, string> = {}
  const segment: Record<string, string> = {}
  for (const { name, value } of element.attributes) {
    const [, isLabel, key] = name.match(`^${prefix}(segment-)?(.+)`) ?? []
    if (key) (isLabel ? segment : tags)[key] = value
  }
  return { ...tags, segment }
}

/**
 * Tags of an ad, link or form from `data-tm-…` on it or any ancestor, out of shadow roots too; of one attribute the nearest wins.
 *
 * The value of `attribute` on `element` is its placement; when it is empty, that is `data-tm-placement`.
 */
export function readMarkup(element: Element, attribute?: string): Tags {
  const layers: TagsInput[] = [{ placement: attribute && element.getAttribute(attribute) }]
  let node: Element | undefined = element
  while (node) {
    layers.push(readAttributes(node, 'data-tm-'))
    node = node.parentElement ?? (node.getRootNode() as Partial<ShadowRoot>).host
  }
  return joinTags(...layers)
}
