import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { vi } from 'vitest'
import { browserPath, type Engine, type Profile, type Tab } from './engine.ts'
import { startNameProxy } from './nameProxy.ts'
import { step } from './settled.ts'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf' // https://www.w3.org/TR/webdriver2/#elements

/** A page that never loads fails its own test, with the call that hung, and not the next. */
const CALL_TIMEOUT_MS = 20_000

/** MiniBrowser 2.50 crashes in one start of about thirty, before any page (exit code 139), and the driver waits for it for ever. */
const START_TIMEOUT_MS = 4_000
const STARTS = 5

type Call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, timeoutMs?: number) => Promise<unknown>

interface Session {
  sessionId: string
  capabilities: { browserVersion: string }
}

/** A display that nobody sees, since MiniBrowser has no headless mode. It must not begin anew when a browser leaves: the next could not connect meanwhile. */
async function startDisplay(): Promise<{ child: ChildProcess; name: string }> {
  const child = spawn(browserPath('TALLYMARK_XVFB'), ['-displayfd', '3', '-screen', '0', '1400x1100x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [number] = await once(child.stdio[3] as Readable, 'data')
  return { child, name: `:${String(number).trim()}` }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startDriver(display: string, home: string): Promise<{ child: ChildProcess; call: Call }> {
  const port = await freePort()
  const child = spawn(browserPath('TALLYMARK_WEBKIT_DRIVER'), [`--port=${port}`, '--host=127.0.0.1'], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      DISPLAY: display,
      LANG: 'C.UTF-8',
      // There is no GPU here, and painting in software on two cores is what takes the time.
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
    stdio: 'ignore',
    detached: true, // a process group of its own, browser included
  })
  const call: Call = async (method, path, body, timeoutMs = CALL_TIMEOUT_MS) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    })
    const { value } = (await response.json()) as { value: { error?: string; message?: string } }
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`)
    return value
  }
  await vi.waitFor(() => call('GET', '/status'), { timeout: 10_000, interval: 20 })
  return { child, call }
}

/** Ends a driver and the browser that it started, which would outlive it. */
async function end({ child }: { child: ChildProcess }): Promise<void> {
  const exited = once(child, 'exit')
  process.kill(-Number(child.pid), 'SIGTERM')
  await exited
}

/** WebKitGTK's MiniBrowser by WebDriver. A profile is a browser of its own, whose storage ends with it. */
export async function openWebkit(): Promise<Engine> {
  const binary = browserPath('TALLYMARK_WEBKIT')
  const home = await mkdtemp(join(tmpdir(), 'tallymark-webkit-'))
  const display = await startDisplay()
  const proxy = await startNameProxy()
  const wanted = {
    alwaysMatch: {
      proxy: { proxyType: 'manual', httpProxy: new URL(proxy.address).host, noProxy: ['127.0.0.1', 'localhost'] },
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    },
  }
  async function openSession(starts = STARTS): Promise<Profile & { version: string }> {
    const driver = await startDriver(display.name, home) // takes one session at a time
    let session: Session
    try {
      session = (await driver.call('POST', '/session', { capabilities: wanted }, START_TIMEOUT_MS)) as Session
    } catch (error) {
      await end(driver)
      if (starts === 1) throw error
      return openSession(starts - 1)
    }
    const newTab = tabsOf((method, path, body) => driver.call(method, `/session/${session.sessionId}${path}`, body))
    return { version: session.capabilities.browserVersion, newTab, close: () => end(driver) }
  }
  const first = await openSession() // nothing else tells the version
  await first.close()
  return {
    name: 'webkit',
    version: first.version,
    hasPageCache: false,
    newProfile: () => openSession(),
    async close() {
      display.child.kill('SIGTERM')
      await proxy.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function tabsOf(call: Call): Profile['newTab'] {
  // WebDriver speaks to one window at a time, so one command with its choice of window has to end before the next.
  let last: Promise<unknown> = Promise.resolve()
  const inWindow = (handle: string): Call => {
    return (method, path, body) => {
      const run = last.then(async () => {
        await call('POST', '/window', { handle })
        return call(method, path, body)
      })
      last = run.catch(() => undefined)
      return run
    }
  }
  // The window that is there at first stays, and the session with it when all tabs are closed.
  let first: Promise<unknown> | undefined
  return async () => {
    first ??= call('GET', '/window/handles')
    const [opener = ''] = (await first) as string[]
    const { handle } = (await inWindow(opener)('POST', '/window/new', { type: 'window' })) as { handle: string }
    return webkitTab(inWindow(handle))
  }
}

function webkitTab(call: Call): Tab {
  async function evaluate(expression: string): Promise<unknown> {
    // Put into the script, not passed to eval: the page's policy may forbid that.
    const script = `
      const done = arguments[arguments.length - 1];
      (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error) }))`
    const { value, error } = (await call('POST', '/execute/async', { script, args: [] })) as { value?: unknown; error?: string }
    if (error) throw new Error(error)
    return value
  }
  return {
    evaluate,
    goto: async (url) => void (await call('POST', '/url', { url })),
    async click(selector) {
      const element = (await call('POST', '/element', { using: 'css selector', value: selector })) as Record<string, string>
      await call('POST', `/element/${element[ELEMENT]}/click`)
    },
    back: () => step({ evaluate }, 'back'),
    forward: () => step({ evaluate }, 'forward'),
    setOffline: async () => false,
    show: async () => undefined, // each is a window of its own
    close: async () => void (await call('DELETE', '/window')),
  }
}
