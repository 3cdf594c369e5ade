import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

const CAME = '?utm_campaign=spring&tm_placement=mail'

describe('a landing', () => {
  it('counts once, and not again on reload or back', async () => {
    const page = await scene.open('/reload', '', CAME)
    await page.reload()
    await page.goto(`${scene.place.pages.origin}/elsewhere`)
    await page.goBack()
    expect(await scene.all(page, '/reload')).toEqual(['click mail'])
  })

  it('is none where the URL names no campaign', async () => {
    const page = await scene.open('/plain', '', '?colour=blue')
    expect(await scene.all(page, '/plain')).toEqual([])
  })
})

describe('a page that changes its URL without loading', () => {
  it('lands again for another campaign by the history, and not on the way back', async () => {
    const page = await scene.open('/pushed', '', CAME)
    await page.evaluate(`history.pushState(null, '', '/pushed?utm_campaign=autumn&tm_placement=push')`)
    await page.evaluate(`history.replaceState(null, '', '/pushed?utm_campaign=winter&tm_placement=replace')`)
    await page.evaluate('history.back()')
    await page.waitForURL(/spring/)
    expect(await scene.all(page, '/pushed')).toEqual(['click mail', 'click push', 'click replace'])
  })

  it('lands again for another campaign by the Navigation API', async () => {
    const page = await scene.open('/navigated', '', CAME)
    await page.evaluate(`navigation.addEventListener('navigate', (event) => event.canIntercept && event.intercept())`)
    await page.evaluate(`navigation.navigate('/navigated?utm_campaign=autumn&tm_placement=api').finished.then(() => true)`)
    await page.evaluate(`navigation.back().finished.then(() => true)`)
    // The end of the test is a page of its own, which no handler may take for a route.
    await page.evaluate(`navigation.addEventListener('navigate', (event) => event.stopImmediatePropagation(), true)`)
    await page.goto('about:blank')
    expect(await scene.all(page, '/navigated')).toEqual(['click api', 'click mail'])
  })

  it('does not land again for the same campaign', async () => {
    const page = await scene.open('/same', '', CAME)
    await page.evaluate(`history.pushState(null, '', '/same?utm_campaign=spring&tm_placement=again')`)
    expect(await scene.all(page, '/same')).toEqual(['click mail'])
  })

  it('records what happens on a route under its path', async () => {
    const page = await scene.open('/route', '<button id="buy" data-tm-click="ad">Buy</button>')
    await page.click('#buy')
    await page.evaluate(`history.pushState(null, '', '/route/two')`)
    await page.click('#buy')
    expect(await scene.all(page, '/route/two')).toEqual(['click ad'])
    expect((await scene.place.ledger.of('/route')).length).toBe(1)
  })

  it('keeps the history as it is for the page', async () => {
    const page = await scene.open('/history', '')
    const kept = await page.evaluate(`[Object.getOwnPropertyNames(history), history.pushState.name, history.length > 0]`)
    expect(kept).toEqual([[], 'pushState', true])
  })
})
