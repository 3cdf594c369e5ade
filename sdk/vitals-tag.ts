import { guardWith, say } from './guard.ts'
import { readAttributes } from './markup.ts'
import { type VitalsOptions, vitals } from './vitals.ts'

const script = (document.currentScript ?? document.querySelector('script[data-site][src*="vitals"]')) as HTMLScriptElement | null

if (script) {
  const begin = guardWith(say)(() => {
    const given = readAttributes(script, 'data-') as Partial<VitalsOptions>
    vitals({ site: '', ...given, endpoint: given.endpoint ?? new URL(script.src || location.href).origin })
  })
  // Nothing of it is urgent: the page comes first. Safari before 26.4 has no requestIdleCallback.
  const later = () => (window.requestIdleCallback ?? setTimeout)(begin)
  if (document.readyState === 'complete') later()
  else addEventListener('load', later)
}
