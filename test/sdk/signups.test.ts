// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { fakeWorld, turn } from './fakes.ts'

const submit = () => document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }))

function page(html: string) {
  const world = fakeWorld()
  world.start({ auto: ['signups'] })
  document.body.innerHTML = html
  return world
}

test('records the submission of a marked form, once', async () => {
  const world = page('<form data-tm-signup data-tm-lead-id="L-1" data-tm-campaign="spring" data-tm-segment-plan="pro"></form>')
  submit()
  submit()
  await turn()
  expect(world.events).toMatchObject([{ type: 'signup', leadId: 'L-1', campaign: 'spring', segment: { plan: 'pro' } }])
})

test('leaves out a lead id that is not there', async () => {
  const world = page('<form data-tm-signup data-tm-lead-id=""></form>')
  submit()
  await turn()
  expect(world.events).toHaveLength(1)
  expect(world.events[0]).not.toHaveProperty('leadId')
})

test('does not count a form that the page stopped, until it lets it through', async () => {
  const world = page('<form data-tm-signup></form>')
  let valid = false
  document.querySelector('form')?.addEventListener('submit', (event) => valid || event.preventDefault())
  submit()
  await turn()
  expect(world.events).toEqual([])
  valid = true
  submit()
  await turn()
  expect(world.events).toHaveLength(1)
})

test('records no other form', async () => {
  const world = page('<form></form>')
  submit()
  await turn()
  expect(world.events).toEqual([])
})
