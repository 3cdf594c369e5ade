import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Pages, startPages } from '../pages.ts'
import type { Engine, EngineName, Profile } from './engine.ts'
import { ENGINES } from './engines.ts'

const USER_AGENTS = { chromium: /Chrome\/\d/, firefox: /Firefox\/\d/, webkit: /AppleWebKit\/605.+Version\// }

describe.each(Object.keys(ENGINES) as EngineName[])('%s', (name) => {
  let engine: Engine
  let profile: Profile
  let pages: Pages
  beforeAll(async () => {
    pages = await startPages()
    pages.put('/one', '<button onclick="document.title = event.isTrusted">One</button>')
    pages.put('/two', '<p>Two</p>')
    engine = await ENGINES[name]()
    profile = await engine.newProfile()
  })
  afterAll(async () => {
    await profile?.close()
    await engine?.close()
    await pages?.close()
  })

  it('is the browser that it says it is', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.origin}/one`)
    expect(await tab.evaluate('navigator.userAgent')).toMatch(USER_AGENTS[name])
    expect(engine.version).toMatch(/^\d+\.\d/)
    await tab.close()
  })

  it('clicks as a person does', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.origin}/one`)
    await tab.click('button')
    expect(await tab.evaluate('document.title')).toBe('true')
    await tab.close()
  })

  it('shows a tab that it opens', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.origin}/one`)
    expect(await tab.evaluate('document.visibilityState')).toBe('visible')
    await tab.close()
  })

  it('steps back and forward', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.origin}/one`)
    await tab.goto(`${pages.origin}/two`)
    await tab.back()
    expect(await tab.evaluate('location.pathname')).toBe('/one')
    await tab.forward()
    expect(await tab.evaluate('location.pathname')).toBe('/two')
    await tab.close()
  })

  it('keeps what a profile stores from tab to tab, and from other profiles', async () => {
    const writer = await profile.newTab()
    await writer.goto(`${pages.origin}/one`)
    await writer.evaluate('localStorage.setItem("kept", "yes")')
    await writer.close()
    const reader = await profile.newTab()
    await reader.goto(`${pages.origin}/one`)
    expect(await reader.evaluate('localStorage.getItem("kept")')).toBe('yes')
    await reader.close()
    const other = await engine.newProfile()
    const stranger = await other.newTab()
    await stranger.goto(`${pages.origin}/one`)
    expect(await stranger.evaluate('localStorage.getItem("kept")')).toBeNull()
    await other.close()
  })

  it('has names that are no secure context', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.insecure}/one`)
    expect(await tab.evaluate('[isSecureContext, typeof crypto.randomUUID]')).toEqual([false, 'undefined'])
    await tab.close()
  })

  it('hands on what the page throws', async () => {
    const tab = await profile.newTab()
    await tab.goto(`${pages.origin}/one`)
    await expect(tab.evaluate('Promise.reject(new TypeError("no such thing"))')).rejects.toThrow('no such thing')
    await tab.close()
  })
})
