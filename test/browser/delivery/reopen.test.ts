import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChromium } from '../engines/chromium.ts'
import type { Engine } from '../engines/engine.ts'
import { openFirefox } from '../engines/firefox.ts'
import { type Place, startPlace } from '../place.ts'
import { newVisitor, recordOf } from './visitor.ts'

/** WebKit's browser keeps nothing when it is driven. */
const KEPT: Record<string, (options: { folder: string }) => Promise<Engine>> = { chromium: openChromium, firefox: openFirefox }

let place: Place
beforeAll(async () => {
  place = await startPlace()
})
afterAll(() => place.close())

describe.each(Object.keys(KEPT))('%s', (name) => {
  it('delivers after it was closed without a network and opened again, and counts once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tallymark-profile-'))
    const open = () => (KEPT[name] as (options: { folder: string }) => Promise<Engine>)({ folder })
    let engine = await open()
    let profile = await engine.newProfile()
    const visitor = await newVisitor({ engine, profile, place }, { row: 'reopen', repetition: 1 })
    const tab = await profile.newTab()
    await visitor.visit(tab)
    visitor.proxy.set({ down: true })
    await tab.evaluate(`(${recordOf('reopen', 1)}, tallymark('flush').then(() => true))`)
    await engine.close()
    expect(await place.ledger.of(visitor.path)).toEqual([])

    visitor.proxy.set({})
    engine = await open()
    profile = await engine.newProfile()
    const again = await profile.newTab()
    await visitor.visit(again)
    expect(await place.ledger.until(visitor.path, ({ length }) => length === 1, 15_000)).toBe(true)
    await again.evaluate(`tallymark('flush').then(() => true)`)
    expect((await place.ledger.of(visitor.path)).map(({ verdict }) => verdict)).toEqual(['counted'])
    await engine.close()
    await visitor.leave()
    await rm(folder, { recursive: true, force: true })
  })
})
