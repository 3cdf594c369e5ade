// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { fakeWorld, turn, visit } from './fakes.ts'

afterEach(() => visit('/'))

/** Clicks `selector` in `html` on a page that watches clicks; nothing is followed. */
async function click(html: string, selector: string, init: MouseEventInit & { type?: string } = {}) {
  const world = fakeWorld()
  world.start({ auto: ['clicks'] })
  document.body.innerHTML = html
  const target = document.querySelector(selector) as Element
  const stop = (event: Event) => event.preventDefault()
  document.addEventListener('click', stop)
  target.dispatchEvent(new MouseEvent(init.type ?? 'click', { bubbles: true, cancelable: true, composed: true, ...init }))
  document.removeEventListener('click', stop)
  await turn()
  return { world, href: document.querySelector('a')?.href ?? '', id: world.events[0]?.id }
}

test('records a click with the tags of the nearest ancestors', async () => {
  const { world } = await click(
    `<div data-tm-campaign="outer" data-tm-segment-plan="free" data-tm-segment-audience="new">
       <div data-tm-campaign="spring" data-tm-segment-plan="pro" data-tm-content="blue" data-tm-source="">
         <button data-tm-click="banner-top"><b>Buy</b></button>
       </div>
     </div>`,
    'b',
  )
  expect(world.events).toMatchObject([
    { type: 'click', placement: 'banner-top', campaign: 'spring', content: 'blue', segment: { plan: 'pro', audience: 'new' } },
  ])
  expect(world.events[0]).not.toHaveProperty('source')
})

/** A URL without the order of its parameters. */
const parts = (url: string) => {
  const [, path, query = '', hash = ''] = /^([^?#]*)\??([^#]*)(.*)$/.exec(url) ?? []
  return [path, query.split('&').filter(Boolean).sort(), hash]
}

test.each([
  ['https://shop.example/shoes', 'https://shop.example/shoes?tm_click=ID&tm_placement=top&utm_campaign=spring%20sale'],
  [
    'https://shop.example/?a=b%20c&flag#size',
    'https://shop.example/?a=b%20c&flag&tm_click=ID&tm_placement=top&utm_campaign=spring%20sale#size',
  ],
  ['https://shop.example/?utm_campaign=other', 'https://shop.example/?utm_campaign=other&tm_click=ID&tm_placement=top'],
  ['https://shop.example/?tm_click=old&x=1', 'https://shop.example/?tm_click=ID&x=1&tm_placement=top&utm_campaign=spring%20sale'],
  ['/c/spring', 'http://localhost:3000/c/spring?tm_click=ID&tm_placement=top&utm_campaign=spring%20sale'],
  ['#prices', 'http://localhost:3000/#prices'],
  ['mailto:a@b.example', 'mailto:a@b.example'],
  ['javascript:void 0', 'javascript:void 0'],
])('marks the link to %s', async (href, marked) => {
  const { href: now, id } = await click(`<a href="${href}" data-tm-click="top" data-tm-campaign="spring sale">x</a>`, 'a')
  expect(parts(now)).toEqual(parts(marked.replace('ID', `${id}`)))
})

test('gives each click its own id, and writes it over the one before', async () => {
  const { world, href } = await click('<a href="https://shop.example/" data-tm-click="top" data-tm-campaign="spring">x</a>', 'a')
  document.querySelector('a')?.addEventListener('click', (event) => event.preventDefault())
  document.querySelector('a')?.click()
  await turn()
  const [first, second] = world.events
  expect(second?.id).not.toBe(first?.id)
  expect(parts(document.querySelector('a')?.href ?? '')).toEqual(parts(href.replace(`${first?.id}`, `${second?.id}`)))
})

test('marks a link around the ad, and one inside it', async () => {
  expect((await click('<a href="https://shop.example/"><img data-tm-click="top"></a>', 'img')).href).toContain('tm_click=')
  expect((await click('<div data-tm-click="top"><a href="https://shop.example/"><i>x</i></a></div>', 'i')).href).toContain('tm_click=')
})

test.each([
  ['the middle button', { type: 'auxclick', button: 1 }, 1],
  ['the right button', { type: 'auxclick', button: 2 }, 0],
  ['the main button', { button: 0 }, 1],
])('%s', async (_, init, count) => {
  const { world } = await click('<a href="https://shop.example/" data-tm-click="top">x</a>', 'a', init)
  expect(world.events).toHaveLength(count)
})

test('counts a click that a handler of the page stops', async () => {
  const world = fakeWorld()
  world.start({ auto: ['clicks'] })
  document.body.innerHTML = '<button data-tm-click="top">x</button>'
  const button = document.querySelector('button') as HTMLElement
  button.addEventListener('click', (event) => event.stopImmediatePropagation())
  button.click()
  await turn()
  expect(world.events).toHaveLength(1)
})

test('finds the ad from inside a shadow root', async () => {
  const world = fakeWorld()
  world.start({ auto: ['clicks'] })
  document.body.innerHTML = '<div></div>'
  const root = (document.querySelector('div') as Element).attachShadow({ mode: 'open' })
  root.innerHTML = '<button data-tm-click="top"><b>x</b></button>'
  root.querySelector('b')?.click()
  await turn()
  expect(world.events).toMatchObject([{ placement: 'top' }])
})

test('records nothing and changes nothing elsewhere', async () => {
  const { world, href } = await click('<a href="https://shop.example/?a">x</a>', 'a')
  expect(world.events).toEqual([])
  expect(href).toBe('https://shop.example/?a')
})
