import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { vi } from 'vitest'
import { settled } from './address.ts'
import { browserPath, type Engine, type Profile, type Tab } from './engine.ts'
import { startNameProxy } from './nameProxy.ts'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf' // https://www.w3.org/TR/webdriver2/#elements

type Call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>

/** A display that nobody sees, since MiniBrowser has no headless mode. */
async function startDisplay(): Promise<{ child: ChildProcess; name: string }> {
  const child = spawn(browserPath('TALLYMARK_XVFB'), ['-displayfd', '3', '-screen', '0', '1400x1100x24', '-nolisten', 'tcp'], {
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
  })
  const call: Call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    })
    const { value } = (await response.json()) as { value: { error?: string; message?: string } }
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`)
    return value
  }
  await vi.waitFor(() => call('GET', '/status'), { timeout: 10_000, interval: 20 })
  return { child, call }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
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
  async function openSession() {
    // A driver takes one session at a time.
    const driver = await startDriver(display.name, home)
    const { sessionId, capabilities } = (await driver.call('POST', '/session', { capabilities: wanted })) as {
      sessionId: string
      capabilities: { browserVersion: string }
    }
    const { newTab, close } = webkitProfile((method, path, body) => driver.call(method, `/session/${sessionId}${path}`, body))
    return { version: capabilities.browserVersion, newTab, close: () => close().finally(() => end(driver.child)) }
  }
  const first = await openSession() // nothing else tells the version
  await first.close()
  return {
    name: 'webkit',
    version: first.version,
    newProfile: openSession,
    async close() {
      await end(display.child)
      await proxy.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function webkitProfile(call: Call): Profile {
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
  return {
    async newTab() {
      const [first = ''] = (await call('GET', '/window/handles')) as string[]
      // The window that is there keeps the session alive when all tabs are closed.
      const { handle } = (await inWindow(first)('POST', '/window/new', { type: 'window' })) as { handle: string }
      return webkitTab(inWindow(handle))
    },
    close: async () => void (await call('DELETE', '')),
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
    told: [],
    evaluate,
    goto: async (url) => void (await call('POST', '/url', { url })),
    async click(selector) {
      const element = (await call('POST', '/element', { using: 'css selector', value: selector })) as Record<string, string>
      await call('POST', `/element/${element[ELEMENT]}/click`)
    },
    back: () => settled(evaluate, 'back'),
    forward: () => settled(evaluate, 'forward'),
    setOffline: async () => false,
    close: async () => void (await call('DELETE', '/window')),
  }
}
