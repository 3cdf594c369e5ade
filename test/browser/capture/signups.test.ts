import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { heard, openScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

const form = (inside = '', more = '') =>
  `<form id="form" data-tm-signup data-tm-placement="join" action="/elsewhere" ${more}>${inside}<button id="send">Send</button></form>`
const listening = (target: string, script: string) => `<script>${target}.addEventListener('submit', (event) => { ${script} })</script>`
const send = (page: Page) => page.click('#send')

/** The form in a shadow root, and another one in that. */
const inShadow = (html: string, depth = 1, more = '') => `<div id="host"></div><script>{
  let root = document.querySelector('#host').attachShadow({ mode: 'open' })
  for (let i = 1; i < ${depth}; i++) {
    root.innerHTML = '<p></p>'
    root = root.querySelector('p').attachShadow({ mode: 'open' })
  }
  root.innerHTML = ${JSON.stringify(html)}
  ${more}
}</script>`

interface SignupCase {
  name: string
  body: string
  act(page: Page): Promise<unknown>
  /** The act leads to no other page. */
  stays?: true
  expected?: string[]
}

const CASES: SignupCase[] = [
  { name: 'is a form that is really sent', body: form(), act: send },
  {
    name: 'is a form that is sent by the Enter key',
    body: form('<input id="name">'),
    async act(page) {
      await page.focus('#name')
      await page.keyboard.press('Enter')
    },
  },
  {
    name: 'is a form that a script sends as a person would',
    body: form(),
    act: (page) => page.evaluate(`document.querySelector('#form').requestSubmit()`),
  },
  {
    name: 'is a form that is added later',
    body: '',
    act: (page) =>
      page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(form())}); document.querySelector('#send').click()`),
  },
  {
    name: 'is one however often the button is pressed',
    stays: true,
    body: `${form('', 'target="frame"')}<iframe name="frame"></iframe>`,
    async act(page) {
      await send(page)
      await send(page)
    },
  },
  {
    name: 'is a call, for a form that a script sends itself',
    stays: true,
    body: `${form('', 'onsubmit="return false"')}`,
    act: (page) => page.evaluate(`tallymark('signup', { placement: 'join', leadId: 'L-7' })`),
  },
  { name: 'is none while a field is invalid', stays: true, body: form('<input required>'), act: send, expected: [] },
  {
    name: 'is one once the field is valid',
    body: form('<input id="mail" type="email" required>'),
    async act(page) {
      await page.fill('#mail', 'nobody')
      await send(page)
      await page.fill('#mail', 'ada@example.com')
      await send(page)
    },
  },
  {
    name: 'is none when the form stops it',
    stays: true,
    body: form() + listening(`document.querySelector('#form')`, 'event.preventDefault()'),
    act: send,
    expected: [],
  },
  {
    name: 'is none when the window stops it, after all others',
    stays: true,
    body: form() + listening('window', 'event.preventDefault()'),
    act: send,
    expected: [],
  },
  {
    name: 'is one when the page only listens, and lets nobody else hear of it',
    body: form() + listening(`document.querySelector('#form')`, 'event.stopImmediatePropagation()'),
    act: send,
  },
  {
    name: 'is a form in a shadow root',
    body: inShadow(form()),
    async act(page) {
      await heard(page)
      await send(page)
    },
  },
  {
    name: 'is a form in a shadow root within another, by the Enter key',
    body: inShadow(form('<input id="name">'), 2),
    async act(page) {
      await heard(page)
      await page.focus('#name')
      await page.keyboard.press('Enter')
    },
  },
  {
    name: 'is none when a form in a shadow root stops it',
    stays: true,
    body: inShadow(form(), 1, `root.addEventListener('submit', (event) => event.preventDefault())`),
    async act(page) {
      await heard(page)
      await send(page)
    },
    expected: [],
  },
  {
    name: 'is a form in a shadow root that came later',
    body: '<div id="host"></div>',
    async act(page) {
      await page.evaluate(`document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(form())}`)
      await heard(page)
      await send(page)
    },
  },
  {
    name: 'is a form in a frame, whose own page then follows',
    stays: true,
    body: `<iframe name="join" srcdoc='${form()}'></iframe>`,
    async act(page) {
      await heard(page)
      await page.frame({ name: 'join' })?.click('#send')
      await page.frame({ name: 'join' })?.waitForURL(/elsewhere/)
    },
  },
  {
    name: 'is none of a form that is not marked',
    body: '<form action="/elsewhere"><button id="send">Send</button></form>',
    act: send,
    expected: [],
  },
]

describe('a signup', () => {
  for (const [number, { name, body, act, stays, expected = ['signup join'] }] of CASES.entries()) {
    it(name, async () => {
      const path = `/signup-${number}`
      const page = await scene.open(path, body)
      await act(page)
      if (!stays) await page.waitForURL(/elsewhere/)
      expect(await scene.all(page, path)).toEqual(expected)
    })
  }
})
