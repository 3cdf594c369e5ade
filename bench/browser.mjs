// `npm run bench:browser [-- PAGES]`: what the script costs the page's main thread, in Chromium: medians of many pages, each in a fresh profile.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowsers } from '../scripts/browser.mjs'
import { ensureBuilt, ensureInstalled } from '../scripts/setup.mjs'

ensureInstalled()
ensureBuilt()
Object.assign(process.env, ensureBrowsers())
const { launchChromium } = await import('../test/support/chromium.ts')
const { startPages } = await import('../test/browser/pages.ts')
const { startCollector } = await import('../test/support/process.ts')

const PAGES = Number(process.argv[2] ?? 20)

/** An ordinary page, with ads and a form for the script to watch. */
const BODY = `${'<div data-tm-impression="ad">Ad</div>'.repeat(10)}<form data-tm-signup></form>${'<p>Text <b>and</b> more</p>'.repeat(500)}`

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const ms = (value) => `${value.toFixed(1)} ms`

const folder = mkdtempSync(join(tmpdir(), 'tallymark-bench-'))
const TOKEN = 'bench-admin-token-0123'
const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}`, TALLYMARK_ADMIN_TOKEN: TOKEN })
await fetch(`${collector.address}/v1/sites/shop`, {
  method: 'PUT',
  headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
  body: '{"origins": [], "allow": ["localhost", "automation"]}',
})
const pages = await startPages()
// The script comes after load, so that its tasks can be told from the page's own.
pages.put(
  '/page',
  `<!doctype html><title>Page</title><body>${BODY}<script>
  const tasks = []
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask' })
  let began
  const put = () => new Promise((done) => {
    began = performance.now()
    const script = document.createElement('script')
    script.src = '/tallymark.js'
    Object.assign(script.dataset, { site: 'shop', endpoint: '${collector.address}', campaign: 'spring' })
    script.onload = () => setTimeout(() => setTimeout(done))
    document.head.append(script)
  })
  </script>`,
)

/** Seconds and counts since the page began: https://chromedevtools.github.io/devtools-protocol/tot/Performance/#method-getMetrics */
async function metricsOf(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

async function measure(browser, slowdown) {
  const context = await browser.newContext()
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')
  await page.goto(`${pages.origin}/page`)
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  await page.evaluate('document.body.offsetHeight')
  const before = await metricsOf(session)
  const longTasks = await page.evaluate('put().then(() => tasks.filter(({ startTime }) => startTime >= began).length)')
  const after = await metricsOf(session)
  const callsMs = await page.evaluate(`(() => {
    const began = performance.now()
    for (let i = 0; i < 1000; i++) tallymark('click', { placement: 'call', content: 'c' + i })
    return performance.now() - began
  })()`)
  await context.close()
  return {
    scriptMs: (after.ScriptDuration - before.ScriptDuration) * 1_000,
    longTasks,
    layouts: after.LayoutCount - before.LayoutCount,
    callsMs,
  }
}

const browser = await launchChromium()
try {
  console.log(`Chromium ${browser.version()}, ${PAGES} pages each`)
  for (const slowdown of [1, 6]) {
    const all = []
    for (let i = 0; i < PAGES; i++) all.push(await measure(browser, slowdown))
    const sum = (name) => all.reduce((total, one) => total + one[name], 0)
    console.log(
      `CPU ${slowdown}x slower: load and init ${ms(median(all.map(({ scriptMs }) => scriptMs)))} of script, ` +
        `${sum('longTasks')} long tasks, ${sum('layouts')} layouts; a thousand calls ${ms(median(all.map(({ callsMs }) => callsMs)))}`,
    )
  }
} finally {
  await browser.close()
  await pages.close()
  await collector.stop('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
