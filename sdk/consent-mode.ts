import type { Capture } from './recorder.ts'

interface Signals {
  ad_storage?: string
  analytics_storage?: string
}

/**
 * Follows Google Consent Mode v2 in `dataLayer`, what is there already and what is pushed later (https://developers.google.com/tag-platform/security/guides/consent).
 *
 * A default that denies is `pending`, as the visitor has not spoken yet; an update decides. `ad_storage` counts; without it `analytics_storage`. Of several defaults, made for
 * several regions, the strictest holds, as the script knows no region.
 */
export const followConsentMode: Capture = ({ guard, setConsent }) => {
  let followed: unknown
  let isPending = false
  const read = guard((call: ArrayLike<unknown>) => {
    const { 0: name, 1: command, 2: signals } = call
    const storage = (signals as Signals)?.ad_storage ?? (signals as Signals)?.analytics_storage
    if (name !== 'consent' || !storage) return
    const isGranted = storage === 'granted'
    if (command === 'update') setConsent(isGranted ? 'granted' : 'denied')
    else if (!isPending) {
      isPending = !isGranted
      setConsent(isGranted ? 'granted' : 'pending')
    }
  })
  // A page that begins its dataLayer after this script has it when it is shown.
  const follow = () => {
    const { dataLayer } = window as { dataLayer?: unknown[] }
    if (followed === dataLayer || !dataLayer?.push) return
    followed = dataLayer
    const { push } = dataLayer
    dataLayer.push = function (...calls) {
      const length = push.apply(this, calls)
      for (const call of calls) read(call as ArrayLike<unknown>)
      return length
    }
    for (const call of [...dataLayer]) read(call as ArrayLike<unknown>)
  }
  follow()
  return follow
}
