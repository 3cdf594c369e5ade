import { watchClicks } from './clicks.ts'
import { followConsentMode } from './consent-mode.ts'
import { guardWith } from './guard.ts'
import { watchImpressions } from './impressions.ts'
import { watchLandings } from './landings.ts'
import { readAttributes } from './markup.ts'
import { watchSignups } from './signups.ts'
import { start } from './start.ts'
import type { Options, Tallymark } from './tallymark.ts'

type Call = [method: keyof Tallymark, ...args: unknown[]]

/** The script's one global: first the stub that queues calls, then the function that makes them. */
interface Global {
  (...call: Call): unknown
  q?: Iterable<Call>
  /** Set by this script; a second one on the page does nothing. */
  site?: string
}

const CAPTURES = { clicks: watchClicks, signups: watchSignups, landings: watchLandings, impressions: watchImpressions }

const page: { tallymark?: unknown } = window as object
/** Elements of the page may be called as either. */
const { q: early = [], site: taken } = (typeof page.tallymark === 'function' ? page.tallymark : {}) as Global
const current = document.currentScript
const script = current && 'noModule' in current ? current : document.querySelector<HTMLScriptElement>('[data-site]')

// What keeps it from starting keeps every page from being measured: that alone is told without data-debug, to whoever puts the script in.
if (script && !taken)
  guardWith(true)(() => {
    const { auto, ...given } = readAttributes(script, 'data-') as Options & { auto?: string }
    const options: Options = {
      endpoint: new URL(script.src).origin,
      ...(given as object as { site: string }),
      debug: 'debug' in given,
      auto: [followConsentMode, ...Object.entries(CAPTURES).flatMap(([name, capture]) => ((auto ?? name).includes(name) ? capture : []))],
    }
    const tm = start(options, window)
    const tallymark: Global = guardWith(options.debug)((method, ...args) => (tm[method] as (...args: unknown[]) => unknown)(...args))
    page.tallymark = tallymark
    tallymark.site = options.site
    for (const call of early) tallymark(...call)
  })()
