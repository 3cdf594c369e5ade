import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene } from './capture/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

/** An ordinary page: a thousand elements, ten ads, a form. */
const BODY = `${'<div class="ad" data-tm-impression="ad"></div>'.repeat(10)}<form data-tm-signup></form>${'<p>Text <b>and</b> more</p>'.repeat(500)}`

/** Writes down, before the script is there, what it does to the page. */
const COUNTERS = `
  const counters = { listeners: [], writes: 0, reads: 0, requests: 0, frames: 0, layouts: 0, idle: 0 }
  Object.defineProperty(window, 'counters', { value: counters })
  const count = (object, name, add) => {
    const real = object[name]
    object[name] = function (...args) { add(...args); return real.apply(this, args) }
  }
  count(EventTarget.prototype, 'addEventListener', (type) => counters.listeners.push(type))
  count(Storage.prototype, 'setItem', () => { counters.writes++ })
  count(Storage.prototype, 'getItem', () => { counters.reads++ })
  count(window, 'fetch', () => { counters.requests++ })
  count(Navigator.prototype, 'sendBeacon', () => { counters.requests++ })
  count(window, 'requestAnimationFrame', () => { counters.frames++ })
  // What makes the browser work out the layout at once: https://gist.github.com/paulirish/5d52fb081b3570c81e3a
  count(Element.prototype, 'getBoundingClientRect', () => { counters.layouts++ })
  count(Element.prototype, 'getClientRects', () => { counters.layouts++ })
  count(window, 'getComputedStyle', () => { counters.layouts++ })
  for (const [object, names] of [
    [HTMLElement.prototype, ['offsetTop', 'offsetLeft', 'offsetWidth', 'offsetHeight', 'offsetParent', 'innerText']],
    [Element.prototype, ['clientTop', 'clientLeft', 'clientWidth', 'clientHeight', 'scrollTop', 'scrollLeft', 'scrollWidth', 'scrollHeight']],
    [window, ['innerWidth', 'innerHeight', 'scrollX', 'scrollY', 'pageXOffset', 'pageYOffset']],
  ]) for (const name of names) {
    const { get } = Object.getOwnPropertyDescriptor(object, name)
    Object.defineProperty(object, name, { get() { counters.layouts++; return get.call(this) } })
  }`

interface Counters {
  listeners: string[]
  writes: number
  reads: number
  requests: number
  frames: number
  layouts: number
}

const countersOf = (page: Page) => page.evaluate('counters') as Promise<Counters>

async function openCounted(path: string): Promise<Page> {
  return scene.open(path, BODY, '', COUNTERS)
}

describe('the script', () => {
  it('listens to nothing that happens all the time', async () => {
    const page = await openCounted('/listeners')
    const { listeners } = await countersOf(page)
    const often = [
      'scroll',
      'mousemove',
      'pointermove',
      'touchmove',
      'wheel',
      'resize',
      'mouseover',
      'pointerover',
      'mouseout',
      'keydown',
      'input',
    ]
    expect(listeners.length).toBeGreaterThan(0)
    expect(listeners.filter((type) => often.includes(type))).toEqual([])
    // These keep a page out of the back/forward cache: https://web.dev/articles/bfcache
    expect(listeners.filter((type) => type === 'unload' || type === 'beforeunload')).toEqual([])
  })

  it('neither asks for the layout nor draws, from load to an ad that was seen', async () => {
    const page = await openCounted('/layout')
    await scene.reached('/layout', 'impression ad viewable')
    const { layouts, frames } = await countersOf(page)
    expect({ layouts, frames }).toEqual({ layouts: 0, frames: 0 })
  })

  it('writes and sends nothing on a page where nothing happens', async () => {
    const page = await scene.open('/quiet', '<p>Text</p>', '', COUNTERS)
    await page.evaluate(`tallymark('flush').then(() => true)`)
    const { writes, requests } = await countersOf(page)
    expect({ writes, requests }).toEqual({ writes: 0, requests: 0 })
  })

  it('makes of a thousand calls in a row one write each, and a few requests, and loses none', async () => {
    const page = await scene.open('/calls', '', '', COUNTERS)
    await page.evaluate(`{ for (let i = 0; i < 1000; i++) tallymark('click', { placement: 'call', content: String(i) }) }`)
    await page.evaluate(`tallymark('flush').then(() => true)`)
    const { writes, requests } = await countersOf(page)
    const clicks = await scene.rows(page, '/calls')
    expect(new Set(clicks.map(({ tags }) => tags.content)).size).toBe(1_000)
    expect(clicks.length).toBe(1_000)
    // A request holds a hundred events; and a few keys beside the events'.
    expect(requests).toBeLessThanOrEqual(20)
    expect(writes).toBeLessThanOrEqual(1_000 + 3 * requests)
  })
})
