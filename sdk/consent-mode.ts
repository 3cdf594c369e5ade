import type { Capture } from './recorder.ts'
import { tap } from './tap.ts'

interface Signals {
  ad_storage?: 'granted' | 'denied'
  analytics_storage?: 'granted' | 'denied'
}

/**
 * Follows Google Consent Mode v2 in `dataLayer`, what is there already and what is pushed later (https://developers.google.com/tag-platform/security/guides/consent).
 *
 * A default that denies is `pending`, as the visitor has not spoken yet; an update decides. `ad_storage` counts; without it `analytics_storage`. Of several defaults, made for
 * several regions, the strictest holds, as the script knows no region.
 */
export const followConsentMode: Capture = ({ guard, setConsent }) => {
  let followed: unknown
  let isPending: unknown
  const read = guard((call: unknown) => {
    const { 0: name, 1: command, 2: signals } = call as ArrayLike<unknown>
    const storage = (signals as Signals)?.ad_storage ?? (signals as Signals)?.analytics_storage
    if (name !== 'consent' || !storage) return
    if (command === 'update') setConsent(storage)
    else if (!isPending) {
      isPending = storage !== 'granted'
      setConsent(isPending ? 'pending' : storage)
    }
  })
  // A page that begins its dataLayer after this script has it when it is shown.
  const follow = () => {
    const { dataLayer } = window as { dataLayer?: unknown[] }
    if (followed === dataLayer || !dataLayer?.push) return
    followed = dataLayer
    tap(dataLayer, 'push', (calls) => calls.forEach(read))
    dataLayer.forEach(read)
  }
  follow()
  return follow
}
