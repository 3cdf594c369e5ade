import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Profile, Tab } from '../engines/engine.ts'
import { settled } from '../engines/settled.ts'
import type { Pages } from '../pages.ts'
import { type Place, startPlace } from '../place.ts'
import { CASES, type HarmCase } from './cases.ts'

const WATCH = readFileSync(join(import.meta.dirname, 'watch.js'), 'utf8')
const CLICK = `tallymark('click', { campaign: 'spring', placement: 'case' })`

/** Long enough for a busy machine; waited only by what is lost. */
const ARRIVES_MS = 8_000
/** What cannot arrive without leaving the page first is not waited for any longer. */
const PERHAPS_MS = 700

/** Puts the case's page at `path`. Every script is a file, as a strict policy wants it. */
function putCase(pages: Pages, { path, collector, harm }: { path: string; collector: string; harm: HarmCase }): void {
  const { before = '', after = '', act = CLICK, body = '', type = 'text/html', headers, tag } = harm
  const script = (name: string, text: string) => {
    pages.put(`${path}/${name}`, { body: `{ ${text}\n}`, type: 'text/javascript' })
    return `<script src="${path}/${name}"></script>`
  }
  const attributes = `data-site="shop" data-endpoint="${collector}"`
  const isXhtml = type !== 'text/html'
  const host = harm.isInsecure ? pages.insecure : pages.origin
  const parts = [
    script('watch.js', WATCH),
    script('before.js', `${before}\n}{ watch.mark()`),
    tag?.(attributes) ?? `<script src="/tallymark.js" ${attributes}></script>`,
    body,
    '<a id="ad" data-tm-click="case" data-tm-campaign="spring" href="#here">An ad</a>',
    script('after.js', after ? `watch.check()\n}{ try { ${after} } finally { watch.mark() }` : ''),
    script('act.js', act),
  ]
  const html = isXhtml
    ? `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Case</title></head><body>${parts.join('')}</body></html>`
    : `<!doctype html><html><head><title>Case</title></head><body>${parts.join('')}</body></html>`
  pages.put(path, { body: html, type, ...(headers && { headers: headers({ page: host, collector }) }) })
}

/** Each case in one browser: the page notices nothing, and what can be delivered is counted once. */
export function testHarm(open: () => Promise<Engine>): void {
  describe('harms no page, and is harmed by none', () => {
    let engine: Engine
    let profile: Profile
    let place: Place
    let tab: Tab
    beforeAll(async () => {
      place = await startPlace()
      engine = await open()
      profile = await engine.newProfile()
      tab = await profile.newTab()
    })
    afterAll(async () => {
      await profile?.close()
      await engine?.close()
      await place?.close()
    })

    for (const [number, harm] of CASES.entries()) {
      it(harm.name, async () => {
        const pages = await place.newPages() // an origin of its own, and so storage of its own
        const path = `/case-${number}`
        putCase(pages, { path, collector: place.collector.address, harm })
        pages.put('/elsewhere', '<!doctype html><title>Elsewhere</title>')
        pages.put('/told', '')
        const host = harm.isInsecure ? pages.insecure : pages.origin

        await tab.goto(host + path)
        await harm.input?.(tab)
        const arrived = () => place.ledger.until(path, ({ length }) => length > 0, PERHAPS_MS)
        if (!harm.isHopeless) await arrived()
        if (harm.leaves) await settled(tab, 'location.pathname === "/elsewhere"')
        else await tab.goto(`${host}/elsewhere`)
        if (!harm.isHopeless) await place.ledger.until(path, ({ length }) => length > 0, ARRIVES_MS)

        const told = pages.requests.filter((url) => url.startsWith('/told?')).map((url) => decodeURIComponent(url.slice(6)))
        expect(told).toEqual([])
        const events = (await place.ledger.of(path)).filter(({ type }) => type !== 'impression')
        expect(events.map(({ verdict }) => verdict)).toEqual(harm.isHopeless ? expect.toSatisfy((all) => all.length <= 1) : ['counted'])
      })
    }
  })
}
