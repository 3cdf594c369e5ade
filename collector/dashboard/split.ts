/** Dimensions offered as links; segments and variants are named by the visitor of the page. */
export const SPLITS = ['placement', 'source', 'medium', 'content', 'device', 'witness'] as const

/** What to split a campaign's results by: a known dimension, or `segment.NAME` or `variant.NAME`; else placement. */
export function readSplit(query: { split?: string | undefined; segment?: string | undefined }): string {
  const asked = query.segment ? `segment.${query.segment.trim()}` : (query.split ?? '')
  const isKnown = SPLITS.some((split) => split === asked)
  return isKnown || /^(?:segment|variant)\.[^\s,]{1,128}$/u.test(asked) ? asked : SPLITS[0]
}

/** `segment.plan` as a heading says it: `Plan`; a dimension by its own name. */
export function splitName(split: string): string {
  const name = split.replace(/^(?:segment|variant)\./, '')
  return `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`
}
