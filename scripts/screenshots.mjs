// `npm run screenshots`: the pictures of the README, taken of a real dashboard filled by real requests.
import { spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './browser.mjs'
import { ensureBuilt, ensureInstalled, nodePath, ROOT } from './setup.mjs'

ensureInstalled()
ensureBuilt()
const { chromium } = await import('playwright-core')

const TOKEN = 'screenshots-admin-token'
const DAY = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'tallymark-screenshots-'))

function start() {
  const env = {
    ...process.env,
    TALLYMARK_PORT: '0',
    TALLYMARK_STORE: `sqlite:${join(folder, 'tallymark.db')}`,
    TALLYMARK_ADMIN_TOKEN: TOKEN,
    TALLYMARK_RATE_PER_SOURCE: '0',
  }
  const child = spawn(nodePath(), ['--disable-warning=ExperimentalWarning', 'dist/collector/main.js', 'start'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const [, address] = /Dashboard +(http:\S+)\/dashboard/.exec(text) ?? []
      if (address) resolve({ child, address })
    })
  })
}

const CAMPAIGNS = [
  {
    id: 'spring-sale',
    site: 'demo-magazine',
    placements: ['banner-top', 'sidebar'],
    impressions: 9_000,
    ctr: 0.024,
    sale: 0.06,
    value: 64_900,
  },
  { id: 'trail-club', site: 'demo-magazine', placements: ['article-foot', 'newsletter'], impressions: 5_200, ctr: 0.031, lead: 0.22 },
  { id: 'pack-light', site: 'demo-magazine', placements: ['sidebar-late'], impressions: 6_100, ctr: 0.018, sale: 0.04, value: 129_900 },
]

/** A UUIDv7-shaped id for an instant. */
function idAt(at) {
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}
const chance = (share) => randomInt(1_000_000) < share * 1e6

/** A week of one campaign, day by day a little more. Browser events may be 7 days old, so a week is what can be sent. */
function* week(now) {
  for (const { id: campaign, site, placements, impressions, ctr, sale = 0, lead = 0, value = 0 } of CAMPAIGNS) {
    for (let day = 6; day >= 0; day--) {
      const count = Math.round(impressions * (1 + (6 - day) * 0.07) * (0.85 + randomInt(30) / 100))
      for (let i = 0; i < count; i++) {
        const occurredAt = now - day * DAY - randomInt(day === 0 ? 3_600_000 : DAY - 3_600_000)
        const tags = { campaign, placement: placements[i % placements.length], segment: { audience: i % 3 ? 'hikers' : 'readers' } }
        const event = (type, more = {}) => ({ site, event: { id: idAt(occurredAt), type, occurredAt, ...tags, ...more } })
        yield event('impression', chance(0.72) ? { view: { ratio: 1, ms: 1_000, area: 90_000 } } : {})
        if (!chance(ctr)) continue
        yield event('click')
        if (chance(lead)) yield { ...event('signup', { leadId: randomUUID() }), site: 'demo-shop' }
        if (chance(sale))
          yield {
            ...event('purchase', { orderId: randomUUID(), value: ((value * (50 + randomInt(100))) / 1e4).toFixed(2), currency: 'NOK' }),
            site: 'demo-shop',
          }
      }
    }
  }
}

async function fill(address) {
  const now = Date.now()
  const all = [...week(now)]
  for (const site of new Set(all.map((one) => one.site))) {
    const list = all.filter((one) => one.site === site)
    for (let at = 0; at < list.length; at += 100) {
      const events = list.slice(at, at + 100).map(({ event }) => event)
      // Another visitor for each batch, since clicks of one are limited.
      const headers = {
        'user-agent': `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + at / 100}.0.0.0 Safari/537.36`,
      }
      const body = JSON.stringify({ site, sentAt: now, events })
      const response = await fetch(`${address}/v1/events`, { method: 'POST', headers, body })
      if (response.status !== 202) throw new Error(`collector answered ${response.status}: ${await response.text()}`)
    }
  }
}

async function take(browser, address) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries({ wide: { width: 1440, height: 1500 }, phone: { width: 390, height: 844 } })) {
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: size === 'phone' ? 2 : 1 })
      const page = await context.newPage()
      await page.goto(`${address}/dashboard/login`)
      await page.fill('input[name=token]', TOKEN)
      await page.press('input[name=token]', 'Enter')
      await page.waitForURL(/\/dashboard\/?$/)
      await page.goto(
        `${address}/dashboard?from=${new Date(Date.now() - 6 * DAY).toISOString().slice(0, 10)}&to=${new Date().toISOString().slice(0, 10)}`,
      )
      await page.locator('canvas').first().waitFor()
      const path = join(ROOT, 'docs', 'images', `dashboard-${size}-${colorScheme}.png`)
      await page.screenshot({ path })
      console.log(path)
      await context.close()
    }
  }
}

const { child, address } = await start()
const browser = await chromium.launch({ executablePath: ensureBrowser(), args: ['--no-sandbox'] })
try {
  await fill(address)
  await take(browser, address)
} finally {
  await browser.close()
  child.kill('SIGTERM')
  await new Promise((resolve) => child.on('exit', resolve))
  rmSync(folder, { recursive: true, force: true })
}
