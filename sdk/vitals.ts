import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import { idMaker } from './id.ts'
import { misuse } from './misuse.ts'
import { stringify } from './stringify.ts'
import { readUrlTags } from './url-tags.ts'
import { type Consent, LIMITS, type VitalName, type WireVital } from './wire.ts'

export interface VitalsOptions {
  /** The site's id at the collector. */
  site: string
  /** Where the collector is, like `https://t.example`. */
  endpoint: string
  /** For pages whose URL names none. */
  campaign?: string | undefined
  /** Told with each vital. Nothing is stored on the device, whatever it is. */
  consent?: Consent | undefined
}

/** Watches something on the page and reports it, possibly several times: what `web-vitals` exports. */
type Watch = (report: (metric: { id: string; name: VitalName; value: number }) => void) => void

/**
 * Measures LCP, INP, CLS, FCP and TTFB of this page view, with the campaign in its URL.
 *
 * Call it when the page is idle: what happened before is measured too. Sent by beacon when the page is hidden, and again, under the same id, when a later value is known.
 * Nothing is stored and nothing sent again: a lost measurement costs nobody money. Throws TypeError without site or endpoint; does nothing on a server.
 */
export function vitals(options: VitalsOptions, watches: readonly Watch[] = [onCLS, onFCP, onINP, onLCP, onTTFB]): void {
  const { site, endpoint, campaign, consent = 'granted' } = options
  if (!site || !endpoint) misuse('vitals', 'site and endpoint')
  if (typeof document === 'undefined') return
  const { navigator, crypto, Math: math, Date: clock } = window
  const makeId = idMaker({ crypto, Math: math }, () => clock.now())
  const page = location.pathname.slice(0, LIMITS.pageLength)
  const { placement, variant, segment, ...tags } = readUrlTags(location.search)[0]
  /** By the id that web-vitals gives a measurement. */
  const ids = new Map<string, string>()
  let fresh: Record<string, WireVital> = {}

  for (const watch of watches)
    watch(({ id, name, value }) => {
      ids.set(id, ids.get(id) ?? makeId())
      fresh[id] = {
        id: ids.get(id) as string,
        name,
        // A tenth of a millisecond, a thousandth of CLS: what the clocks of browsers tell apart.
        value: math.round(value * (name === 'CLS' ? 1e3 : 10)) / (name === 'CLS' ? 1e3 : 10),
        occurredAt: clock.now(),
        ...(campaign && { campaign }),
        ...tags,
        page,
        consent,
        ...(navigator.webdriver && { automation: true }),
      }
    })

  const send = () => {
    const list = Object.values(fresh)
    fresh = {}
    if (list[0])
      navigator.sendBeacon(`${endpoint.replace(/\/$/, '')}/v1/events`, stringify({ site, sentAt: clock.now(), events: [], vitals: list }))
  }
  const leave = ({ type }: Event) => {
    try {
      if (type === 'pagehide' || document.visibilityState === 'hidden') send()
    } catch {
      // A page without sendBeacon is not measured.
    }
  }
  // After those of web-vitals, which reports its last values in the same events.
  document.addEventListener('visibilitychange', leave)
  addEventListener('pagehide', leave)
}
