import { LIMITS, type Tags } from './wire.ts'

export const TAG_NAMES = ['campaign', 'source', 'medium', 'content', 'term', 'placement'] as const

type Scalar = string | number | boolean | null | undefined
type Labels = Record<string, Scalar>

/** Tags as a page gives them. What is empty is left out, what is too long is cut. */
export type TagsInput = { [name in (typeof TAG_NAMES)[number]]?: Scalar } & { segment?: Labels | undefined; variant?: Labels | undefined }

/** `value` as a tag of 1 to 128 characters, or undefined when there is none. An object is no tag. */
export const toTag = (value: unknown): string | undefined =>
  [...(Object(value) === value ? '' : `${value ?? ''}`)].slice(0, LIMITS.tagLength).join('') || undefined

/** The tags of all `layers` as they go on the wire. The first layer that has a tag or label wins; of more than 16 labels the first stay. */
export function joinTags(...layers: TagsInput[]): Tags {
  const tags: Tags = {}
  for (const layer of layers) {
    for (const name of TAG_NAMES) tags[name] ??= toTag(layer[name]) as string
    for (const name of ['segment', 'variant'] as const) {
      for (const entry of Object.entries(layer[name] ?? {})) {
        const [key, label] = entry.map(toTag)
        // biome-ignore lint/suspicious/noAssignInExpressions: ten bytes
        const labels = (tags[name] ??= {})
        // `in` also finds `constructor` and `__proto__`, which the collector refuses, as it does `prototype`.
        if (key && label && !(key in labels) && key !== 'prototype' && !Object.keys(labels)[LIMITS.segmentKeys - 1]) labels[key] = label
      }
    }
  }
  return tags
}
