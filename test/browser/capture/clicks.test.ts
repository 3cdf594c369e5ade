import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { heard, openScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

const link = (inside: string, more = '') => `<a id="link" data-tm-click="ad" href="/elsewhere" ${more}>${inside}</a>`

interface ClickCase {
  name: string
  body: string
  act(page: Page): Promise<unknown>
  /** The act leads to no other page. */
  stays?: true
  expected?: string[]
}

const CASES: ClickCase[] = [
  { name: 'on a link', body: link('Ad'), act: (page) => page.click('#link') },
  { name: 'on an element within a link', body: link('<b><i id="deep">Ad</i></b>'), act: (page) => page.click('#deep') },
  {
    name: 'on an image within a link',
    body: link(`<img id="image" width="100" height="50" alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">`),
    act: (page) => page.click('#image'),
  },
  {
    name: 'on a link within an ad',
    body: `<div data-tm-click="ad"><a id="link" href="/elsewhere">Ad</a></div>`,
    act: (page) => page.click('#link'),
  },
  { name: 'on a button', stays: true, body: '<button id="button" data-tm-click="ad">Buy</button>', act: (page) => page.click('#button') },
  { name: 'by the middle button', stays: true, body: link('Ad'), act: (page) => page.click('#link', { button: 'middle' }) },
  { name: 'that opens a new tab by a key', stays: true, body: link('Ad'), act: (page) => page.click('#link', { modifiers: ['Control'] }) },
  { name: 'on a link that opens a new tab', stays: true, body: link('Ad', 'target="_blank"'), act: (page) => page.click('#link') },
  {
    name: 'by the keyboard',
    body: link('Ad'),
    async act(page) {
      await page.focus('#link')
      await page.keyboard.press('Enter')
    },
  },
  {
    name: 'on a button by the keyboard',
    stays: true,
    body: '<button id="button" data-tm-click="ad">Buy</button>',
    async act(page) {
      await page.focus('#button')
      await page.keyboard.press('Space')
    },
  },
  {
    name: 'that the page stops on its way up',
    body: `${link('Ad')}<script>document.querySelector('#link').addEventListener('click', (event) => event.stopImmediatePropagation())</script>`,
    act: (page) => page.click('#link'),
  },
  {
    name: 'of which the page does something of its own',
    stays: true,
    body: `${link('Ad')}<script>document.querySelector('#link').addEventListener('click', (event) => event.preventDefault())</script>`,
    act: (page) => page.click('#link'),
  },
  {
    name: 'in a shadow root',
    body: `<div id="host"></div><script>document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<a id="link" data-tm-click="ad" href="/elsewhere">Ad</a>'</script>`,
    act: (page) => page.click('#link'),
  },
  {
    name: 'on the content that a link in a shadow root goes around',
    body: `<div id="host"><b id="deep">Ad</b></div><script>document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<a data-tm-click="ad" href="/elsewhere"><slot></slot></a>'</script>`,
    act: (page) => page.click('#deep'),
  },
  {
    name: 'on an ad that was added later',
    body: '<div id="place"></div>',
    async act(page) {
      await page.evaluate(`document.querySelector('#place').innerHTML = ${JSON.stringify(link('Ad'))}`)
      await page.click('#link')
    },
  },
  {
    name: 'on an ad within an ad, the inner one',
    body: `<div data-tm-click="outer">${link('Ad')}</div>`,
    act: (page) => page.click('#link'),
  },
  {
    name: 'by the other button is none',
    stays: true,
    body: link('Ad'),
    act: (page) => page.click('#link', { button: 'right' }),
    expected: [],
  },
  {
    name: 'beside the ad is none',
    stays: true,
    body: `${link('Ad')}<p id="beside">Text</p>`,
    act: (page) => page.click('#beside'),
    expected: [],
  },
  {
    name: 'on a disabled button is none',
    stays: true,
    body: '<button id="button" data-tm-click="ad" disabled>Buy</button>',
    act: (page) => page.click('#button', { force: true }),
    expected: [],
  },
]

describe('a click', () => {
  for (const [number, { name, body, act, stays, expected = ['click ad'] }] of CASES.entries()) {
    it(name, async () => {
      const path = `/click-${number}`
      const page = await scene.open(path, body)
      await act(page)
      if (!stays) await page.waitForURL(/elsewhere/)
      expect(await scene.all(page, path)).toEqual(expected)
    })
  }

  it('is one from the publisher to the landing page, whatever opens it', async () => {
    scene.put('/landing', '')
    const page = await scene.open('/publisher', '<a id="link" data-tm-click="ad" href="/landing?colour=blue#top">Ad</a>')
    const [landing] = await Promise.all([page.context().waitForEvent('page'), page.click('#link', { button: 'middle' })])
    await landing.waitForURL(/tm_click=/)
    const url = new URL(landing.url())
    const [click, ...others] = await scene.rows(page, '/publisher')
    expect(others).toEqual([])
    expect(url.hash).toBe('#top')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      colour: 'blue',
      tm_click: click?.id,
      tm_placement: 'ad',
      utm_campaign: 'spring',
    })
    // The landing page reports the same click: nothing is counted there.
    expect(await scene.all(landing, '/landing')).toEqual([])
  })

  describe('in a frame', () => {
    const inside = (page: Page, name: string) => page.frame({ name }) as NonNullable<ReturnType<Page['frame']>>
    /** Type, placement and the segment that stands around the frame. */
    const lines = async (page: Page, path: string) =>
      (await scene.rows(page, path)).map(({ type, tags }) => [type, tags.placement, tags.segment?.part].join(' ')).sort()

    it('counts with the tags around the frame, and marks the link', async () => {
      scene.place.pages.put('/ad-in-frame', `<!doctype html>${link('Ad', 'target="_top"')}`)
      const page = await scene.open('/framing', '<div data-tm-segment-part="frame"><iframe name="ad" src="/ad-in-frame"></iframe></div>')
      await heard(page)
      await inside(page, 'ad').click('#link')
      await page.waitForURL(/elsewhere\?tm_click=[^&]+&tm_placement=ad&utm_campaign=spring/)
      expect(await lines(page, '/framing')).toEqual(['click ad frame'])
    })

    it('that is marked as a whole counts as a click on it', async () => {
      scene.place.pages.put('/plain-in-frame', '<!doctype html><b id="deep">Ad</b>')
      const page = await scene.open('/whole', '<div data-tm-click="whole"><iframe name="ad" src="/plain-in-frame"></iframe></div>')
      await heard(page)
      await inside(page, 'ad').click('#deep')
      expect(await lines(page, '/whole')).toEqual(['click whole '])
    })

    it('that was added later, in a shadow root, and went to another page, counts', async () => {
      scene.place.pages.put('/first-in-frame', '<!doctype html><a id="next" href="/next-in-frame">Next</a>')
      scene.place.pages.put('/next-in-frame', `<!doctype html>${link('Ad', 'target="_top"')}`)
      const page = await scene.open('/nested', '<div id="host"></div>')
      await page.evaluate(
        `document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<iframe name="ad" src="/first-in-frame"></iframe>'`,
      )
      await page.waitForSelector('#host iframe')
      await inside(page, 'ad').click('#next')
      await inside(page, 'ad').waitForURL(/next-in-frame/)
      await heard(page)
      await inside(page, 'ad').click('#link')
      await page.waitForURL(/elsewhere/)
      expect(await lines(page, '/nested')).toEqual(['click ad '])
    })

    it('that measures itself counts there, and once', async () => {
      scene.put('/own-in-frame', link('Ad', 'onclick="return false"'))
      const page = await scene.open('/outer', '<iframe name="ad" src="/own-in-frame"></iframe>')
      await heard(page)
      await inside(page, 'ad').click('#link')
      expect(await scene.all(page, '/outer')).toEqual([])
      expect(await lines(page, '/own-in-frame')).toEqual(['click ad '])
    })
  })

  it('twice on a link is two clicks with an id each', async () => {
    const page = await scene.open('/twice', link('Ad', 'target="_blank"'))
    await page.click('#link')
    const first = await page.getAttribute('#link', 'href')
    await page.click('#link')
    expect(await page.getAttribute('#link', 'href')).not.toBe(first)
    expect(await scene.all(page, '/twice')).toEqual(['click ad', 'click ad'])
  })
})
