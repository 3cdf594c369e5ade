// @vitest-environment jsdom
import { afterEach, expect, test } from 'vitest'
import { fakeWorld, turn, visit } from './fakes.ts'

const page = window as { dataLayer?: unknown[] }
/** Google's own line. */
function gtag(..._: unknown[]) {
  // biome-ignore lint/complexity/noArguments: as Google writes it
  page.dataLayer?.push(arguments)
}

afterEach(() => {
  delete page.dataLayer
  visit('/')
})

const consentOf = async (world: ReturnType<typeof fakeWorld>, tm: { click(): void }) => {
  tm.click()
  await turn()
  return world.events.at(-1)?.consent
}

test.each([
  ['nothing', [], 'granted'],
  ['a default that denies', [['default', { ad_storage: 'denied', analytics_storage: 'granted' }]], 'pending'],
  ['a default that grants', [['default', { ad_storage: 'granted' }]], 'granted'],
  [
    'a default that denies somewhere',
    [
      ['default', { ad_storage: 'denied', region: ['NO'] }],
      ['default', { ad_storage: 'granted' }],
    ],
    'pending',
  ],
  [
    'an update that grants',
    [
      ['default', { ad_storage: 'denied' }],
      ['update', { ad_storage: 'granted' }],
    ],
    'granted',
  ],
  [
    'an update that denies',
    [
      ['default', { ad_storage: 'granted' }],
      ['update', { ad_storage: 'denied' }],
    ],
    'denied',
  ],
  ['analytics alone', [['update', { analytics_storage: 'denied' }]], 'denied'],
  ['a signal of something else', [['update', { personalization_storage: 'denied' }]], 'granted'],
] as const)('reads %s, before and after it starts', async (_, calls, consent) => {
  page.dataLayer = []
  for (const call of calls) gtag('consent', ...call)
  const before = fakeWorld()
  expect(await consentOf(before, before.start({ auto: ['consentMode'] }))).toBe(consent)

  page.dataLayer = []
  const after = fakeWorld()
  const tm = after.start({ auto: ['consentMode'] })
  for (const call of calls) gtag('consent', ...call)
  expect(await consentOf(after, tm)).toBe(consent)
})

test('finds a dataLayer that begins after the script', async () => {
  const world = fakeWorld()
  const tm = world.start({ auto: ['consentMode'] })
  page.dataLayer = []
  gtag('consent', 'default', { ad_storage: 'denied' })
  dispatchEvent(new Event('pageshow'))
  expect(await consentOf(world, tm)).toBe('pending')
})

test('leaves the page’s own push as it is', () => {
  const pushed: unknown[] = []
  page.dataLayer = []
  page.dataLayer.push = function (this: unknown[], ...items) {
    pushed.push(...items)
    return Array.prototype.push.apply(this, items) + 100
  }
  fakeWorld().start({ auto: ['consentMode'] })
  expect(page.dataLayer.push({ event: 'a' }, null, 7)).toBe(103)
  expect(pushed).toEqual([{ event: 'a' }, null, 7])
  expect([...page.dataLayer]).toEqual([{ event: 'a' }, null, 7])
})

test('adds no dataLayer where there is none', () => {
  fakeWorld().start({ auto: ['consentMode'] })
  expect('dataLayer' in page).toBe(false)
})

test('tags held in memory apply after the grant, without a second page view', async () => {
  visit('/?utm_campaign=spring')
  page.dataLayer = []
  gtag('consent', 'default', { ad_storage: 'denied' })
  const world = fakeWorld()
  const tm = world.start({ auto: ['consentMode', 'landings'] })
  await turn()
  expect(world.device.size).toBe(0)
  gtag('consent', 'update', { ad_storage: 'granted' })
  expect(world.stored('touch')).toMatchObject([{ campaign: 'spring' }])
  tm.purchase({ orderId: 'A-1' })
  await turn()
  expect(world.events.at(-1)).toMatchObject({ consent: 'granted', touches: [{ campaign: 'spring' }] })
  gtag('consent', 'update', { ad_storage: 'denied' })
  expect(world.device.size).toBe(0)
})
