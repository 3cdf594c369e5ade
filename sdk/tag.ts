import { browserEnvironment } from './environment.ts'
import { guardWith, say } from './guard.ts'
import { readAttributes } from './markup.ts'
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

const page: { tallymark?: Global } = window as object
const script = (document.currentScript ?? document.querySelector('script[data-site][src*="tallymark.js"]')) as HTMLScriptElement | null

// What keeps it from starting keeps every page from being measured: that alone is told without data-debug, to whoever puts the script in.
if (script && !page.tallymark?.site)
  guardWith(say)(() => {
    const options: Options = {
      site: '',
      endpoint: new URL(script.src || location.href).origin,
      auto: 'impressions clicks signups landings',
      ...readAttributes(script, 'data-'),
    }
    options.debug = script.hasAttribute('data-debug')
    const tm = start(options, browserEnvironment())
    const early = page.tallymark?.q ?? []
    const tallymark: Global = (method, ...args) => {
      try {
        return (tm[method] as (...args: unknown[]) => unknown)(...args)
      } catch (error) {
        if (options.debug) say(`${method} ignored`, error)
      }
    }
    tallymark.site = options.site
    page.tallymark = tallymark
    for (const call of early) tallymark(...call)
  })()
