// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WireEvent } from '../../sdk/wire.ts'
import { turn, visit } from './fakes.ts'

type Tag = { (...call: unknown[]): unknown; q?: unknown[]; site?: string }
const page = window as unknown as { tallymark?: Tag | undefined }
const fetch = vi.fn(async (_url: string, _init: RequestInit) =>
  Response.json({ accepted: 1, duplicates: 0, rejected: [] }, { status: 202 }),
)
const info = vi.fn()

beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('fetch', fetch)
  vi.stubGlobal('IntersectionObserver', class {})
  vi.spyOn(console, 'info').mockImplementation(info)
})
afterEach(() => {
  page.tallymark = undefined
  localStorage.clear()
  vi.clearAllMocks()
  visit('/')
})

const bodies = () => fetch.mock.calls.map(([, init]) => JSON.parse(init.body as string))

async function load(attributes: string) {
  document.head.innerHTML = ''
  const script = document.createElement('template')
  script.innerHTML = `<script ${attributes}></script>`
  // As text: jsdom would fetch a script that is inserted.
  document.head.append(script.content)
  vi.resetModules()
  await import('../../sdk/tag.ts')
  await turn()
}

const src = 'src="https://t.example/tallymark.js"'

function stub() {
  // The line of docs/sdk.md.
  const tallymark: Tag = function () {
    // biome-ignore lint/complexity/noArguments: as in the stub
    // biome-ignore lint/suspicious/noAssignInExpressions: as in the stub
    ;(tallymark.q = tallymark.q || []).push(arguments)
  }
  page.tallymark = tallymark
}

test('replays the calls made before it came, and takes those after', async () => {
  stub()
  page.tallymark?.('purchase', { orderId: 'A-1', value: '1.00', currency: 'NOK' })
  await load(`${src} data-site="shop" data-campaign="spring" data-segment-audience="new"`)
  page.tallymark?.('click')
  await turn()
  expect(fetch.mock.calls.map(([url]) => url)).toEqual(['https://t.example/v1/events', 'https://t.example/v1/events'])
  expect(bodies()).toMatchObject([
    { site: 'shop', events: [{ type: 'purchase', orderId: 'A-1', campaign: 'spring', segment: { audience: 'new' } }] },
    { site: 'shop', events: [{ type: 'click', campaign: 'spring' }] },
  ])
})

test('records landings, clicks and signups by itself', async () => {
  visit('/?utm_campaign=spring')
  await load(`${src} data-site="auto"`)
  document.body.innerHTML = '<button data-tm-click="top"></button><form data-tm-signup></form>'
  document.querySelector('button')?.click()
  document.querySelector('form')?.requestSubmit()
  dispatchEvent(new Event('pagehide'))
  await turn()
  // Scripts of earlier tests are still on this page.
  const own = bodies().filter(({ site }) => site === 'auto')
  expect(new Set(own.flatMap(({ events }) => events.map(({ type, placement }: WireEvent) => placement ?? type)))).toEqual(
    new Set(['click', 'top', 'signup']),
  )
})

test('records what data-auto names, and nothing else', async () => {
  visit('/?utm_campaign=spring')
  await load(`${src} data-site="shop" data-auto="clicks"`)
  expect(fetch).not.toHaveBeenCalled()
})

test('sends to data-endpoint when there is one', async () => {
  await load(`${src} data-site="shop" data-endpoint="https://other.example/"`)
  page.tallymark?.('click')
  await turn()
  expect(fetch.mock.calls[0]?.[0]).toBe('https://other.example/v1/events')
})

test('stores nothing before consent', async () => {
  await load(`${src} data-site="shop" data-consent="pending"`)
  page.tallymark?.('click', { campaign: 'spring' })
  await turn()
  expect(localStorage).toHaveLength(0)
  page.tallymark?.('consent', 'granted')
  expect(Object.keys(localStorage)).toEqual([expect.stringMatching(/^tallymark\.shop\.touch\./)])
})

test('loaded twice it is there once', async () => {
  visit('/?utm_campaign=spring')
  await load(`${src} data-site="twice"`)
  const first = page.tallymark
  await load(`${src} data-site="twice"`)
  expect(page.tallymark).toBe(first)
  expect(bodies().filter(({ site }) => site === 'twice')).toHaveLength(1)
})

test('adds one global', async () => {
  page.tallymark = undefined
  Reflect.deleteProperty(window, 'tallymark')
  const before = Object.keys(window)
  await load(`${src} data-site="shop"`)
  expect(Object.keys(window).filter((key) => !before.includes(key))).toEqual(['tallymark'])
})

test.each([
  ['an unknown method', ['buy']],
  ['a method of no object', ['__proto__']],
  ['no method', []],
  ['a purchase without an order', ['purchase', { value: 1 }]],
  ['an order id that is too long', ['purchase', { orderId: 'x'.repeat(65) }]],
  ['input that is none', ['tag', null]],
])('throws nothing at the page for %s, and tells it with data-debug only', async (_, call) => {
  await load(`${src} data-site="shop"`)
  expect(() => page.tallymark?.(...call)).not.toThrow()
  expect(info).not.toHaveBeenCalled()
  page.tallymark = undefined
  await load(`${src} data-site="shop" data-debug`)
  info.mockClear()
  expect(() => page.tallymark?.(...call)).not.toThrow()
  expect(info).toHaveBeenCalledTimes(1)
  await turn()
  expect(fetch).not.toHaveBeenCalled()
})

test.each(['data-site=""', 'data-site="shop" data-consent="yes"'])(
  'tells why it cannot start with %s, also without data-debug',
  async (attributes) => {
    await load(`${src} ${attributes}`)
    expect(info.mock.calls).toMatchObject([['tallymark: failed', expect.any(TypeError)]])
    expect(page.tallymark).toBeUndefined()
  },
)
