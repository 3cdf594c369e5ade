// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fakeWorld, turn } from './fakes.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

const form = () => document.querySelector('form') as HTMLFormElement

/** Submits as a visitor does: checks validity, tells the page, and would then leave it, which jsdom cannot. */
async function submit() {
  form().requestSubmit()
  await vi.advanceTimersByTimeAsync(1)
  await turn()
}

function page(html: string) {
  const world = fakeWorld()
  world.start({ auto: ['signups'] })
  document.body.innerHTML = html
  // jsdom says on its console that it cannot navigate; a frame of its own takes what is sent.
  form().addEventListener('submit', (event) => event.preventDefault(), { once: false, passive: true })
  return world
}

test('records the submission of a marked form, once', async () => {
  const world = page('<form data-tm-signup data-tm-lead-id="L-1" data-tm-campaign="spring" data-tm-segment-plan="pro"></form>')
  await submit()
  await submit()
  expect(world.events).toMatchObject([{ type: 'signup', leadId: 'L-1', campaign: 'spring', segment: { plan: 'pro' } }])
})

test('leaves out a lead id that is not there', async () => {
  const world = page('<form data-tm-signup data-tm-lead-id=""></form>')
  await submit()
  expect(world.events).toHaveLength(1)
  expect(world.events[0]).not.toHaveProperty('leadId')
})

test('sends it with the page when the page leaves first', async () => {
  const world = page('<form data-tm-signup></form>')
  form().requestSubmit()
  dispatchEvent(new Event('pagehide'))
  await turn()
  expect(world.events).toMatchObject([{ type: 'signup' }])
  expect(world.requests[0]?.init.keepalive).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  await turn()
  expect(world.events).toHaveLength(1)
})

test.each(['the form', 'the document', 'the window'])('does not count a form that %s stopped, until it lets it through', async (who) => {
  const world = page('<form data-tm-signup></form>')
  const target = { 'the form': form(), 'the document': document, 'the window': window }[who] as EventTarget
  let isValid = false
  const listener = (event: Event) => isValid || event.preventDefault()
  target.addEventListener('submit', listener)
  await submit()
  expect(world.events).toEqual([])
  isValid = true
  await submit()
  target.removeEventListener('submit', listener)
  expect(world.events).toHaveLength(1)
})

test.each([
  ['a form that is not valid', '<form data-tm-signup><input required></form>', () => form().requestSubmit()],
  ['an event that a script made up', '<form data-tm-signup></form>', () => form().dispatchEvent(new Event('submit', { bubbles: true }))],
  ['another form', '<form></form>', () => form().requestSubmit()],
])('records no %s', async (_, html, act) => {
  const world = page(html)
  act()
  await vi.advanceTimersByTimeAsync(1)
  await turn()
  expect(world.events).toEqual([])
})
