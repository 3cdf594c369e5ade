/** `mobile`, `tablet` or `desktop` by the user agent; undefined without one. Coarse on purpose: no fingerprint. */
export function deviceOf(userAgent: string | undefined): 'mobile' | 'tablet' | 'desktop' | undefined {
  if (!userAgent) return undefined
  if (/iPad|Tablet|Android(?!.*Mobile)/.test(userAgent)) return 'tablet'
  return /Mobi|iPhone|Android/.test(userAgent) ? 'mobile' : 'desktop'
}
