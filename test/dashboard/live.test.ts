import { expect, test } from 'vitest'
import { cookieOf, mount, NOW } from './dependencies.ts'

async function open(now: () => number = () => NOW) {
  const listeners = new Set<() => void>()
  const app = mount({
    now,
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  const response = await app.request('/dashboard/live', { headers: { cookie: await cookieOf(app) } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const read = async () => (await reader?.read())?.value
  const commit = () => {
    for (const listener of listeners) listener()
  }
  return { response, reader, read, commit, listeners }
}

test('ticks after commits, at most once a second, and tells nothing else', async () => {
  const { response, reader, read, commit } = await open()
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(await read()).toBe('retry: 2000\n\n')
  commit()
  commit()
  expect(await read()).toBe('event: tick\ndata: \n\n')
  const first = performance.now()
  for (let i = 0; i < 100; i++) commit()
  expect(await read()).toBe('event: tick\ndata: \n\n')
  expect(performance.now() - first).toBeGreaterThan(900)
  await reader?.cancel()
})

test('forgets a listener that has gone', async () => {
  const { reader, read, listeners } = await open()
  await read()
  expect(listeners.size).toBe(1)
  await reader?.cancel()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(listeners.size).toBe(0)
})

test('ends with the session', async () => {
  let now = NOW
  const { read, commit, listeners } = await open(() => now)
  await read()
  now += 13 * 3_600_000
  commit()
  await read()
  expect(await read()).toBe(undefined)
  expect(listeners.size).toBe(0)
})
