import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Profile } from '../engines/engine.ts'
import { openFirefox } from '../engines/firefox.ts'
import { settled } from '../engines/settled.ts'
import { type Place, startPlace } from '../place.ts'
import { summary } from './scene.ts'

let place: Place
let engine: Engine
let profile: Profile
beforeAll(async () => {
  place = await startPlace()
  engine = await openFirefox() // its tabs cover each other without a screen, which Chromium's do not
  profile = await engine.newProfile()
})
afterAll(async () => {
  await profile?.close()
  await engine?.close()
  await place?.close()
})

const pageOf = (ad: string, style = '') => `<!doctype html><title>${ad}</title>
  <style>#ad { width: 300px; height: 200px; background: silver; ${style} }</style>
  <script src="/tallymark.js" data-site="shop" data-endpoint="${place.collector.address}" data-campaign="spring"></script>
  <div id="ad" data-tm-impression="${ad}"></div>`

const linesOf = async (path: string) => (await place.ledger.of(path)).map(summary)
const reached = (path: string, line: string) =>
  place.ledger.until(path, (events) => events.some((event) => summary(event) === line), 15_000)

describe('a hidden tab', () => {
  it('stops the clock of an ad, which begins anew when the tab is shown', async () => {
    place.pages.put('/covered', pageOf('covered', 'display: none'))
    place.pages.put('/cover', pageOf('cover'))
    const tab = await profile.newTab()
    await tab.goto(`${place.pages.origin}/covered`)
    const cover = await profile.newTab('same')
    await settled(tab, `document.visibilityState === 'hidden'`)
    await tab.evaluate(`void (document.querySelector('#ad').style.display = 'block')`)
    await cover.goto(`${place.pages.origin}/cover`)
    // The tab in front has been seen for a second, and the one behind it not.
    expect(await reached('/cover', 'impression cover viewable')).toBe(true)
    expect(await linesOf('/covered')).toEqual([])

    const shownAt = Date.now()
    await tab.show()
    await settled(tab, `document.visibilityState === 'visible'`)
    expect(await reached('/covered', 'impression covered viewable')).toBe(true)
    expect(Date.now() - shownAt).toBeGreaterThanOrEqual(1_000)
    expect(await linesOf('/covered')).toEqual(['impression covered viewable'])
  })
})
