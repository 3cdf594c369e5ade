import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openScene, type Scene } from './scene.ts'

const ad = (placement: string, style = '') => `<div class="ad" data-tm-impression="${placement}" style="${style}"></div>`

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

describe('an impression', () => {
  it('is viewable after a second, and none below the fold', async () => {
    const page = await scene.open('/fold', `${ad('top')}<div class="far">${ad('far')}</div>`)
    await scene.reached('/fold', 'impression top viewable')
    expect(await scene.all(page, '/fold')).toEqual(['impression top viewable'])
  })

  it('of which less than half is in view is never viewable', async () => {
    const page = await scene.open('/less', `${ad('edge', 'position: absolute; left: -160px')}${ad('whole', 'margin-left: 400px')}`)
    await scene.reached('/less', 'impression whole viewable')
    expect(await scene.all(page, '/less')).toEqual(['impression edge', 'impression whole viewable'])
  })

  it('of an ad taller than the screen is viewable by 30 % of it', async () => {
    const page = await scene.open('/tall', ad('tall', 'width: 600px; height: 2400px'))
    await scene.reached('/tall', 'impression tall viewable')
    const [row] = await scene.rows(page, '/tall')
    expect(row?.evidence.view).toMatchObject({ ratio: 0.375, area: 1_440_000 })
  })

  it('of an ad without area is none', async () => {
    const page = await scene.open('/none', `${ad('flat', 'height: 0')}${ad('gone', 'display: none')}${ad('top')}`)
    await scene.reached('/none', 'impression top viewable')
    expect(await scene.all(page, '/none')).toEqual(['impression top viewable'])
  })

  it('counts for an ad that is added later', async () => {
    const page = await scene.open('/later', '')
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(`<section><p>${ad('later')}</p></section>`)})`)
    await scene.reached('/later', 'impression later viewable')
    expect(await scene.all(page, '/later')).toEqual(['impression later viewable'])
  })

  it('counts once for an ad that is moved', async () => {
    const page = await scene.open('/moved', `<div id="here">${ad('moved')}</div><div id="there"></div>${ad('other')}`)
    await scene.reached('/moved', 'impression moved viewable')
    await page.evaluate(`document.querySelector('#there').append(document.querySelector('[data-tm-impression="moved"]'))`)
    await page.evaluate(`document.body.insertAdjacentHTML('afterbegin', ${JSON.stringify(ad('last'))})`)
    await scene.reached('/moved', 'impression last viewable') // more than a second later
    expect(await scene.all(page, '/moved')).toEqual(['impression last viewable', 'impression moved viewable', 'impression other viewable'])
  })

  it('is not viewable when the ad is removed at once', async () => {
    const page = await scene.open(
      '/removed',
      // After the script has looked, and before a second is over.
      `${ad('brief')}${ad('stays')}<script>setTimeout(() => document.querySelector('[data-tm-impression="brief"]').remove(), 600)</script>`,
    )
    await scene.reached('/removed', 'impression stays viewable')
    expect(await scene.all(page, '/removed')).toEqual(['impression brief', 'impression stays viewable'])
  })

  it('in a scroller begins when it is scrolled there', async () => {
    const page = await scene.open(
      '/scroller',
      `<div id="scroller" style="height: 250px; overflow: auto"><div style="height: 1000px"></div>${ad('inside')}</div>${ad('top')}`,
    )
    await scene.reached('/scroller', 'impression top viewable')
    expect((await scene.place.ledger.of('/scroller')).map(({ tags }) => tags.placement)).toEqual(['top'])
    await page.evaluate(`document.querySelector('#scroller').scrollTo(0, 1000)`)
    await scene.reached('/scroller', 'impression inside viewable')
    expect(await scene.all(page, '/scroller')).toEqual(['impression inside viewable', 'impression top viewable'])
  })

  it('in a frame of the same origin counts with the tags around the frame', async () => {
    scene.place.pages.put('/frame', `<!doctype html><style>.ad { width: 300px; height: 200px }</style>${ad('framed')}`)
    const page = await scene.open(
      '/framing',
      `<div data-tm-segment-part="frame"><iframe src="/frame" width="400" height="300"></iframe></div>
       <div class="far"><iframe src="/frame" width="400" height="300"></iframe></div>`,
    )
    await scene.reached('/framing', 'impression framed viewable')
    const rows = await scene.rows(page, '/framing')
    expect(rows.map(({ tags, viewable }) => ({ placement: tags.placement, segment: tags.segment, viewable }))).toEqual([
      { placement: 'framed', segment: { part: 'frame' }, viewable: true },
    ])
  })

  it('in shadow roots counts with the tags outside', async () => {
    const page = await scene.open(
      '/shadow',
      `<div id="host" data-tm-segment-part="shadow"></div><script>
        const outer = document.querySelector('#host').attachShadow({ mode: 'open' })
        outer.innerHTML = '<style>.ad { width: 300px; height: 200px }</style>${ad('outer')}<p></p>'
        const inner = outer.querySelector('p').attachShadow({ mode: 'open' })
        setTimeout(() => { inner.innerHTML = '<style>.ad { width: 300px; height: 200px }</style>${ad('inner')}' })
      </script>`,
    )
    await scene.reached('/shadow', 'impression outer viewable')
    await scene.reached('/shadow', 'impression inner viewable')
    const rows = await scene.rows(page, '/shadow')
    expect(rows.map(({ tags, viewable }) => `${tags.placement} ${tags.segment?.part} ${viewable}`).sort()).toEqual([
      'inner shadow true',
      'outer shadow true',
    ])
  })

  it('reports once what was served, and viewable as a part of it', async () => {
    const page = await scene.open('/served', `${ad('top')}${ad('edge', 'position: absolute; left: -160px')}`)
    await scene.reached('/served', 'impression top viewable')
    await scene.all(page, '/served')
    const rows = await scene.place.results('by=placement')
    expect(rows.find(({ placement }) => placement === 'edge')).toMatchObject({ impressions: expect.any(Number), viewable: 0 })
  })
})
