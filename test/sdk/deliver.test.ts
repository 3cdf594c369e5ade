// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { acknowledged } from '../../sdk/index.ts'
import { asNative, fakeWorld, setVisibility, turn, type World } from './fakes.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const failure = (status: number, headers = {}) => Response.json({ error: { code: 'x' } }, { status, headers })

test('sends once, and forgets what was acknowledged', async () => {
  const world = fakeWorld()
  const taken = vi.fn()
  const tm = world.start({ auto: [acknowledged(taken)] })
  tm.purchase({ orderId: 'A-1' })
  expect(world.stored('queue')).toHaveLength(1)
  await turn()
  await vi.advanceTimersByTimeAsync(600_000)
  setVisibility('hidden')
  expect(world.requests).toHaveLength(1)
  expect(world.stored('queue').length > 0).toBe(false)
  expect(taken.mock.calls).toMatchObject([[{ type: 'purchase', orderId: 'A-1' }]])
})

test('goes on after a listener that throws', async () => {
  const world = fakeWorld()
  const taken = vi.fn()
  const spoilt = () => {
    throw new Error('of the page')
  }
  const tm = world.start({ auto: [acknowledged(spoilt), acknowledged(taken), acknowledged(spoilt)] })
  tm.click()
  await turn()
  tm.click()
  await turn()
  expect(taken).toHaveBeenCalledTimes(2)
})

test.each([
  ['a broken connection', () => new Error('network')],
  ['408', () => failure(408)],
  ['429', () => failure(429)],
  ['500', () => failure(500)],
  ['503', () => failure(503)],
])('sends again after %s, the same event with a new sentAt', async (_, answer) => {
  const world = fakeWorld()
  world.answers.push(answer(), answer())
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  expect(world.requests).toHaveLength(1)
  world.clock += 2_000
  await vi.advanceTimersByTimeAsync(1_000)
  expect(world.requests).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(world.requests).toHaveLength(3)
  const [first, second] = world.requests.map(({ batch }) => batch)
  expect(second?.events).toEqual(first?.events)
  expect(second?.sentAt).toBe((first?.sentAt ?? 0) + 2_000)
  expect(world.stored('queue').length > 0).toBe(false)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(world.requests).toHaveLength(3)
})

test.each([400, 401, 403, 413, 415, 422])('drops what was refused with %i', async (status) => {
  const world = fakeWorld()
  world.answers.push(failure(status))
  const taken = vi.fn()
  const tm = world.start({ auto: [acknowledged(taken)] })
  tm.click()
  await turn()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(world.requests).toHaveLength(1)
  expect(world.stored('queue').length > 0).toBe(false)
  expect(taken).not.toHaveBeenCalled()
})

test('acknowledges neither more nor less than the receipt', async () => {
  const world = fakeWorld()
  world.answers.push(Response.json({ accepted: 1, duplicates: 0, rejected: [{ index: 0, code: 'invalid_event' }] }, { status: 202 }))
  const taken = vi.fn()
  const tm = world.start({ auto: [acknowledged(taken)] })
  tm.purchase({ orderId: 'A-1', value: 1 })
  tm.click()
  await turn()
  expect(taken.mock.calls).toMatchObject([[{ type: 'click' }]])
  expect(world.stored('queue').length > 0).toBe(false)
})

test('takes a 2xx without a receipt for one', async () => {
  const world = fakeWorld()
  world.answers.push(new Response('ok', { status: 200 }), Response.json({ rejected: 7 }, { status: 202 }))
  const tm = world.start()
  tm.click()
  await turn()
  tm.click()
  await turn()
  tm.click()
  await turn()
  expect(world.requests.map(({ batch }) => batch.events.length)).toEqual([1, 1, 1])
})

test('waits as long as the collector asks, also with new events', async () => {
  const world = fakeWorld()
  world.answers.push(failure(503, { 'retry-after': '30' }))
  const tm = world.start()
  tm.click()
  await turn()
  tm.click()
  await vi.advanceTimersByTimeAsync(29_999)
  expect(world.requests).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(world.requests).toHaveLength(2)
  expect(world.requests[1]?.batch.events).toHaveLength(2)
})

test('is not made to hammer by an absurd Retry-After', async () => {
  const world = fakeWorld()
  world.answers.push(failure(503, { 'retry-after': '99999999999' }))
  world.start().click()
  await vi.advanceTimersByTimeAsync(3_599_999)
  expect(world.requests).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_001)
  expect(world.requests).toHaveLength(2)
})

test('backs off up to a minute, and no further', async () => {
  const world = fakeWorld()
  world.answers.push(...Array.from({ length: 1_000 }, () => new Error('network')))
  world.start().click()
  await vi.advanceTimersByTimeAsync(63_000)
  expect(world.requests).toHaveLength(7) // after 0, 1, 3, 7, 15, 31 and 63 s, less a jitter of 1/256
  await vi.advanceTimersByTimeAsync(600_000)
  expect(world.requests).toHaveLength(17)
})

test('sends what an earlier page left', async () => {
  const world = fakeWorld()
  world.answers.push(new Error('network'))
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  const [first] = world.requests
  world.answers.push(new Error('network'))
  dispatchEvent(new Event('pagehide'))
  await turn()
  world.start()
  await turn()
  expect(world.requests).toHaveLength(3)
  expect(world.requests[2]?.batch.events).toEqual(first?.batch.events)
})

test('leaves to a page that lives what it has just made, and takes it when that page is gone without a word', async () => {
  const world = fakeWorld()
  world.answers.push(new Error('network'))
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  const other = world.start()
  await other.flush()
  expect(world.requests).toHaveLength(1)
  world.clock += 2_001
  await other.flush()
  expect(world.requests).toHaveLength(2)
})

test('a tab waits while another sends, and sends nothing of what that one delivered', async () => {
  const world = fakeWorld()
  let last: Promise<unknown> = Promise.resolve()
  const names: string[] = []
  world.navigator.locks = {
    request(name: string, _options: object, run: () => unknown) {
      names.push(name)
      last = last.then(run)
      return last
    },
  } as never
  world.answers.push(...Array.from({ length: 2 }, () => new Error('offline')))
  const [one, other] = [world.start(), world.start()]
  one.purchase({ orderId: 'A-1' })
  other.purchase({ orderId: 'A-2' })
  await turn()
  expect(world.requests).toHaveLength(2)
  world.clock += 2_001
  dispatchEvent(new Event('online'))
  await turn()
  expect(new Set(names)).toEqual(new Set(['https://t.example/v1/events']))
  expect(world.events.slice(2).map(({ orderId }) => orderId)).toEqual(['A-1', 'A-2'])
  expect(world.stored('queue')).toEqual([])
})

test.each([
  ['rejects', () => Promise.reject(new DOMException('no', 'SecurityError'))],
  ['is missing', undefined],
])('sends when the lock %s', async (_, request) => {
  const world = fakeWorld()
  if (request) world.navigator.locks = { request } as never
  world.answers.push(new Error('network'))
  const tm = world.start()
  tm.click()
  await turn()
  await tm.flush()
  expect(world.requests).toHaveLength(2)
})

test('leaves what another site of the origin queued to that site', async () => {
  const world = fakeWorld()
  world.answers.push(new Error('network'))
  world.start({ site: 'blog', endpoint: 'https://other.example/' }).click()
  await turn()
  world.answers.push(new Error('network'))
  dispatchEvent(new Event('pagehide'))
  await turn()
  world.requests.length = 0
  await world.start().flush()
  expect(world.requests.map(({ url, batch }) => [url, batch.site])).toEqual([])
})

test('a dead collector does not hold up the events for another', async () => {
  const world = fakeWorld()
  const { fetch } = world.environment
  world.environment.fetch = (url, init) => (`${url}`.startsWith('https://dead') ? Promise.reject(new TypeError('dead')) : fetch(url, init))
  world.start({ endpoint: 'https://dead.example' }).purchase({ orderId: 'A-1' })
  await turn()
  world.start().click()
  await turn()
  expect(world.events.map(({ type }) => type)).toEqual(['click'])
})

test('starts all requests of a burst at once, 100 events at most in each', async () => {
  const world = fakeWorld()
  const tm = world.start()
  const answer = world.environment.fetch
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let started = 0
  world.environment.fetch = async (...args) => {
    started++
    await gate
    return answer(...args)
  }
  const burst = world.start()
  for (let i = 0; i < 250; i++) burst.click()
  await turn()
  expect(started).toBe(4)
  release()
  await burst.flush()
  expect(world.events).toHaveLength(250)
  for (const { batch, init } of world.requests) {
    expect(batch.events.length).toBeLessThanOrEqual(100)
    expect(init.keepalive).toBe(true)
  }
  await tm.flush()
})

test('says once what the events of a request have alike', async () => {
  const world = fakeWorld()
  const tm = world.start({ campaign: 'spring', segment: { plan: 'pro' } })
  tm.click({ placement: 'top' })
  tm.click({ placement: 'foot' })
  tm.click({ placement: 'foot', content: 'blue' })
  await turn()
  const { common, events } = JSON.parse(world.requests[0]?.body ?? '')
  expect(common).toEqual({
    occurredAt: world.clock,
    page: '/',
    consent: 'granted',
    campaign: 'spring',
    segment: { plan: 'pro' },
    type: 'click',
  })
  expect(events).toEqual([
    { id: expect.any(String), placement: 'top' },
    { id: expect.any(String), placement: 'foot' },
    { id: expect.any(String), placement: 'foot', content: 'blue' },
  ])
})

test('keeps the quota: what is over it in one burst goes as ordinary requests', async () => {
  const world = fakeWorld()
  const tm = world.start()
  const wide = () => ({ content: `${Math.random()}${'漢'.repeat(110)}`, term: `${Math.random()}${'ø'.repeat(100)}` })
  for (let i = 0; i < 400; i++) tm.click(wide())
  tm.purchase({ orderId: 'A-1' })
  await turn()
  const kept = world.requests.filter(({ init }) => init.keepalive)
  expect(kept.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)).toBeLessThan(65_536)
  expect(kept[0]?.batch.events[0]).toMatchObject({ type: 'purchase' })
  expect(kept.length).toBeLessThan(world.requests.length)
  expect(world.events).toHaveLength(401)
})

test('keeps each request under 64 KiB', async () => {
  const world = fakeWorld()
  const tm = world.start()
  for (let i = 0; i < 100; i++)
    tm.click({ content: 'ø'.repeat(128), term: `${i}${'漢'.repeat(128)}`, segment: { text: `${i}${'😀'.repeat(128)}` } })
  await tm.flush()
  expect(world.events).toHaveLength(100)
  for (const { body } of world.requests) expect(Buffer.byteLength(body)).toBeLessThan(60_500)
})

test.each(['visibilitychange', 'pagehide'])('sends everything unacknowledged on %s, purchases first, and keeps it', async (leave) => {
  const world = fakeWorld()
  world.answers.push(failure(503, { 'retry-after': '60' }))
  const tm = world.start()
  tm.click()
  tm.purchase({ orderId: 'A-1' })
  await turn()
  world.answers.push(new Error('the page ends'))
  if (leave === 'pagehide') dispatchEvent(new Event('pagehide'))
  else setVisibility('hidden')
  expect(world.requests).toHaveLength(2)
  expect(world.requests[1]?.init.keepalive).toBe(true)
  expect(world.requests[1]?.batch.events.map(({ type }) => type)).toEqual(['purchase', 'click'])
  await turn()
  expect(world.stored('queue')).toMatchObject([{ until: 0 }, { until: 0 }])
})

test('sends once for one leave, and is done when the page lives to see the answer', async () => {
  const world = fakeWorld()
  world.answers.push(new Error('network'), new Error('network'))
  const tm = world.start()
  for (let i = 0; i < 150; i++) tm.click()
  await turn()
  world.requests.length = 0
  setVisibility('hidden')
  dispatchEvent(new Event('pagehide'))
  expect(world.requests.map(({ batch }) => batch.events.length)).toEqual([75, 75])
  await turn()
  expect(world.stored('queue')).toEqual([])
  setVisibility('visible')
  await turn()
  expect(world.requests).toHaveLength(2)
})

test('sends nothing again on leaving that a request already carries out of the page, and leaves it to the next one', async () => {
  const world = fakeWorld()
  let started = 0
  world.environment.fetch = asNative(() => {
    started++
    return new Promise(() => {})
  })
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  dispatchEvent(new Event('pagehide'))
  await turn()
  expect(started).toBe(1)
  expect(world.stored('queue')).toMatchObject([{ until: 0 }])
})

test('sends again on leaving, within the quota, what an ordinary request carries', async () => {
  const world = fakeWorld()
  const sent: { init: RequestInit; ids: string[] }[] = []
  const answers: (() => void)[] = []
  world.environment.fetch = (_, init) => {
    const { events } = JSON.parse(init?.body as string)
    sent.push({ init: init as RequestInit, ids: events.map(({ id }: { id: string }) => id) })
    return new Promise((resolve) => answers.push(() => resolve(Response.json({ rejected: [] }, { status: 202 }))))
  }
  const tm = world.start()
  for (let i = 0; i < 200; i++) tm.click({ content: `${i}${'漢'.repeat(120)}`, term: `${i}${'ø'.repeat(120)}` })
  await turn()
  const ordinary = sent.filter(({ init }) => !init.keepalive).flatMap(({ ids }) => ids)
  expect(ordinary.length).toBeGreaterThan(50)
  const before = sent.length
  // The answers to those that outlive the page are here, those to the others are not.
  for (const [i, { init }] of sent.entries()) if (init.keepalive) answers[i]?.()
  await turn()
  dispatchEvent(new Event('pagehide'))
  const again = sent.slice(before)
  expect(again[0]?.init.keepalive).toBe(true)
  expect(new Set(again.flatMap(({ ids }) => ids))).toEqual(new Set(ordinary))
})

test('starts the request in the task of the event', async () => {
  const world = fakeWorld()
  const tm = world.start()
  tm.purchase({ orderId: 'A-1' })
  dispatchEvent(new Event('pagehide')) // before any microtask
  expect(world.requests).toHaveLength(1)
  await turn()
  expect(world.requests).toHaveLength(1)
})

test('sends again at the next leave', async () => {
  const world = fakeWorld()
  world.answers.push(...Array.from({ length: 4 }, () => new Error('network')))
  world.start().click()
  await turn()
  setVisibility('hidden')
  await turn()
  expect(world.requests).toHaveLength(2)
  setVisibility('visible')
  setVisibility('hidden')
  await turn()
  expect(world.requests).toHaveLength(3)
})

test.each([
  ['online', new Event('online')],
  ['a return from the back/forward cache', Object.assign(new Event('pageshow'), { persisted: true })],
])('delivers at once after %s', async (_, event) => {
  const world = fakeWorld()
  world.answers.push(failure(503, { 'retry-after': '60' }))
  world.start().click()
  await turn()
  dispatchEvent(event)
  await turn()
  expect(world.requests).toHaveLength(2)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(world.requests).toHaveLength(2)
})

test('flush ends when the queue is empty or an attempt has failed', async () => {
  const world = fakeWorld()
  const tm = world.start()
  await tm.flush()
  tm.click()
  await tm.flush()
  expect(world.events).toHaveLength(1)
  world.answers.push(new Error('network'), failure(500))
  tm.click()
  await tm.flush()
  expect(world.requests).toHaveLength(2)
  await tm.flush()
  expect(world.requests).toHaveLength(3)
  await tm.flush()
  expect(world.stored('queue').length > 0).toBe(false)
})

test('never throws when fetch and storage do', async () => {
  const world = fakeWorld()
  const refuse = () => {
    throw new Error('patched by the page')
  }
  world.environment.fetch = refuse
  Object.defineProperty(world.environment, 'localStorage', { get: refuse })
  const uncaught = vi.fn()
  addEventListener('error', uncaught)
  const tm = world.start()
  tm.purchase({ orderId: 'A-1' })
  await turn()
  setVisibility('hidden')
  dispatchEvent(new Event('pagehide'))
  await vi.advanceTimersByTimeAsync(10_000)
  removeEventListener('error', uncaught)
  expect(uncaught).not.toHaveBeenCalled()
})

test('waits no longer than two seconds for a tab that stands still', async () => {
  const world = fakeWorld()
  const waits: AbortSignal[] = []
  world.navigator.locks = {
    request: (_name: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => {
        waits.push(signal)
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  } as never
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), ms)
    return controller.signal
  })
  world.answers.push(new Error('offline'))
  const tm = world.start()
  tm.purchase({ orderId: 'A-1' })
  await turn()
  const flushed = tm.flush()
  await vi.advanceTimersByTimeAsync(2_000)
  await flushed
  expect(timeout).toHaveBeenCalledWith(2_000)
  expect(waits.length).toBeGreaterThan(0)
  expect(world.stored('queue')).toEqual([])
})

describe('a page that is left', () => {
  const beacons = (world: World, taken = true) => {
    const sent: string[] = []
    world.navigator.sendBeacon = (url, body) => {
      sent.push(`${url} ${body}`)
      return taken
    }
    return sent
  }
  const leave = () => dispatchEvent(new Event('pagehide'))

  test('hands to a beacon what is not on its way, and keeps it until it is acknowledged', async () => {
    const world = fakeWorld()
    const sent = beacons(world)
    world.answers.push(new Error('offline'))
    world.start().purchase({ orderId: 'A-1' })
    await turn()
    leave()
    expect(sent).toEqual([expect.stringMatching(/^https:\/\/t.example\/v1\/events .*"A-1"/)])
    expect(world.requests).toHaveLength(1)
    expect(world.stored('queue')).toMatchObject([{ event: { orderId: 'A-1' }, until: 0 }])
  })

  test('sends what a beacon refuses, or breaks on, as a request', async () => {
    for (const sendBeacon of [
      () => false,
      () => {
        throw new Error('broken by the page')
      },
    ]) {
      const world = fakeWorld()
      Object.assign(world.navigator, { sendBeacon })
      world.answers.push(new Error('offline'))
      world.start().click({ campaign: 'spring' })
      await turn()
      leave()
      expect(world.requests).toHaveLength(2)
    }
  })

  test("hands everything to a beacon when fetch is not the browser's own", async () => {
    const world = fakeWorld()
    const sent = beacons(world)
    world.environment.fetch = () => new Promise(() => {})
    world.start().click({ campaign: 'spring' })
    await turn()
    leave()
    expect(sent).toHaveLength(1)
  })

  test('lets go of a request that is never answered, and sends again when it comes back', async () => {
    const world = fakeWorld()
    const { fetch } = world.environment
    let answered = 0
    world.environment.fetch = Object.assign(
      (...given: Parameters<typeof fetch>) => (answered++ ? fetch(...given) : new Promise<never>(() => {})),
      {
        toString: fetch.toString,
      },
    )
    const tm = world.start()
    tm.click({ campaign: 'spring' })
    await turn()
    leave()
    await turn()
    dispatchEvent(new Event('pageshow'))
    await tm.flush()
    expect(world.stored('queue')).toEqual([])
    expect(world.events).toHaveLength(1)
  })

  test('leaves to the next page what it had no time to hand over', async () => {
    const world = fakeWorld()
    world.answers.push(new Error('offline'))
    world.start().purchase({ orderId: 'A-1' })
    await turn()
    world.start()
    await turn()
    expect(world.requests).toHaveLength(1)
    world.clock += 2_001
    await vi.advanceTimersByTimeAsync(2_001)
    expect(world.events.map(({ orderId }) => orderId)).toContain('A-1')
    expect(world.stored('queue')).toEqual([])
  })
})

test('records nothing of a prerendered page before it is shown', async () => {
  const world = fakeWorld()
  Object.assign(document, { prerendering: true })
  world.start().purchase({ orderId: 'A-1' })
  await turn()
  expect([world.requests.length, world.device.size]).toEqual([0, 0])
  Object.assign(document, { prerendering: false })
  document.dispatchEvent(new Event('prerenderingchange'))
  await turn()
  expect(world.events).toMatchObject([{ orderId: 'A-1' }])
})
