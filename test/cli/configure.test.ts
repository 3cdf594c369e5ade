import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { campaign } from '../../collector/cli/campaign.ts'
import { site } from '../../collector/cli/site.ts'
import { openRegistry } from '../../collector/registry.ts'
import type { Store } from '../../collector/store/store.ts'
import { NOON } from '../support/events.ts'
import { startCollector } from '../support/process.ts'
import { signed } from '../support/sign.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { runCommand } from './direct.ts'
import { tallymark } from './tallymark.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
let store: Store
beforeEach(async () => {
  place = await sqlitePlace()
  store = await place.open()
})
afterEach(async () => {
  await store.close()
  await place.destroy()
})

const run = (command: typeof site, line: string) => runCommand(command, { store, args: line.split(' ') })
const registry = () => openRegistry({ store, now: () => NOON })

describe('tallymark site', () => {
  it('makes a site, lists it and says when a collector sees it', async () => {
    const { code, stdout } = await run(site, 'set shop --name Shop --origin https://shop.example --origin https://www.shop.example')
    expect([code, stdout]).toEqual([0, expect.stringContaining('A collector that is running sees the change within seconds.')])
    expect((await run(site, 'list')).stdout).toBe(
      [
        'id    name  origins                                        allows\n',
        'shop  Shop  https://shop.example https://www.shop.example\n',
      ].join(''),
    )
    expect(JSON.parse((await run(site, 'list --json')).stdout)).toEqual({
      sites: [{ id: 'shop', name: 'Shop', origins: ['https://shop.example', 'https://www.shop.example'], allow: [] }],
    })
  })

  it('leaves as it is what no option names', async () => {
    await run(site, 'set shop --name Shop --origin https://shop.example --allow localhost')
    await run(site, 'set shop --name Shoes')
    expect((await registry()).site('shop')).toEqual({ id: 'shop', name: 'Shoes', origins: ['https://shop.example'], allow: ['localhost'] })
  })

  it.each([
    ['set shop --origin shop.example', '--origin: must be an origin like "https://shop.example"'],
    ['set shop --allow everything', '--allow: '],
    ['set __proto__', 'ID: must not be "__proto__"'],
    [`set ${'x'.repeat(129)}`, 'ID: must be 1 to 128 characters'],
    ['set', 'ID: must be 1 to 128 characters'],
  ])('refuses %j, naming the option', async (line, message) => {
    await expect(run(site, line)).rejects.toThrow(message)
    expect(await store.config()).toEqual([])
  })
})

describe('tallymark campaign', () => {
  it('makes a campaign with terms, and lists what it pays now', async () => {
    await run(campaign, 'set spring --currency NOK --time-zone Europe/Oslo --name Spring')
    const { code, stdout } = await run(campaign, 'terms spring --cpm 37.50 --cpc 2.00 --cpl 25 --cps-share 0.10 --cps 40 --vcpm 50')
    expect([code, stdout]).toEqual([
      0,
      'Version 1 holds from 2026-11-24T12:00:00.000Z: cpm 37.50, vcpm 50, cpc 2.00, cpl 25, cps 40, cps 0.10 of the value.\n' +
        'A collector that is running sees the change within seconds.\n',
    ])
    await run(campaign, 'terms spring --cpm 90 --from 2026-12-01T00:00:00+01:00')
    expect((await run(campaign, 'list')).stdout).toMatch(/spring +Spring +NOK +Europe\/Oslo +2 +cpm 37\.50, vcpm 50/)
    const { campaigns } = JSON.parse((await run(campaign, 'list --json')).stdout)
    expect(campaigns).toMatchObject([{ id: 'spring', terms: [{ version: 1 }, { version: 2, from: Date.parse('2026-11-30T23:00:00Z') }] }])
  })

  it('leaves as it is what no option names: zone, filters, budget', async () => {
    const { putCampaign, addTerms } = await registry()
    const invalidTraffic = { doubleClickSeconds: 5, repeatClickHours: 0, clickLimits: null }
    await putCampaign('spring', { currency: 'NOK', timeZone: 'Europe/Oslo', advertiser: 'Acme', invalidTraffic })
    const kept = { windows: { clickDays: 7, viewDays: 0 }, validationDays: 14, evidence: 'server' as const }
    const budget = { total: '10000.00', monthly: null, daily: '500.00' }
    await addTerms('spring', { ...kept, budget, pays: [{ model: 'cpc', rate: '2.00' }], status: 'active' })
    await run(campaign, 'set spring --name Spring')
    await run(campaign, 'terms spring --cpc 3.00')
    await run(campaign, 'terms spring --paused')
    await run(campaign, 'terms spring --cpc 4.00')
    const after = (await registry()).campaign('spring')
    expect(after).toMatchObject({ name: 'Spring', currency: 'NOK', timeZone: 'Europe/Oslo', advertiser: 'Acme', invalidTraffic })
    expect(after?.terms.slice(1)).toEqual([
      { version: 2, from: NOON, ...kept, budget, pays: [{ model: 'cpc', rate: '3.00' }], status: 'active' },
      { version: 3, from: NOON, ...kept, budget, pays: [{ model: 'cpc', rate: '3.00' }], status: 'paused' },
      { version: 4, from: NOON, ...kept, budget, pays: [{ model: 'cpc', rate: '4.00' }], status: 'active' },
    ])
  })

  it.each([
    ['set summer', '--currency: is missing; campaign "summer" is new'],
    ['set summer --currency KRONER', '--currency: must be an ISO 4217 code'],
    ['set summer --currency NOK --time-zone Oslo', '--time-zone: must be an IANA time zone'],
    ['set spring --currency EUR', 'currency: campaign "spring" has terms in NOK'],
    ['terms spring --cpm 37,50', '--cpm: must be a decimal string like "37.50"'],
    ['terms spring --cpc 1 --cps-share 1.5', '--cps-share: must be a part of the value'],
    ['terms spring --cpc 0.123456789', 'pays[0].rate: 0.123456789 must have at most 8 decimals'],
    ['terms spring --cpc 1 --from tomorrow', '--from: must be ISO 8601 with an offset'],
    ['terms spring', 'expected a rate, like --cpm 37.50, a budget, like --budget-daily 500, or --paused'],
  ])('refuses %j, naming the option', async (line, message) => {
    await run(campaign, 'set spring --currency NOK')
    await run(campaign, 'terms spring --cpc 1')
    const before = await store.config()
    await expect(run(campaign, line)).rejects.toThrow(message)
    expect(await store.config()).toEqual(before)
  })
})

describe('tallymark campaign terms', () => {
  it('sets budgets, keeps those that no option names, and takes one away', async () => {
    await run(campaign, 'set spring --currency NOK')
    await run(campaign, 'terms spring --cpc 2.00 --budget 10000 --budget-daily 500.00')
    await run(campaign, 'terms spring --budget-monthly 4000 --budget-daily none')
    const [, last] = (await registry()).campaign('spring')?.terms ?? []
    expect(last).toMatchObject({ pays: [{ model: 'cpc', rate: '2.00' }], budget: { total: '10000', monthly: '4000', daily: null } })
    await expect(run(campaign, 'terms spring --budget-daily much')).rejects.toThrow('--budget-daily: must be a decimal string')
  })
})

describe('tallymark key', () => {
  it('makes a token that a collector takes after its next start, in the place of the one before', async () => {
    const environment = { TALLYMARK_STORE: `sqlite:${place.path}` }
    const first = await startCollector(environment)
    const [before] = /tm_admin_\S{43}/.exec(first.output()) ?? []
    expect(await first.stop('SIGTERM')).toBe(0)
    const { code, stdout, stderr } = await tallymark(place.path, 'key', 'admin')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tm_admin_\S{43}\n$/)])
    expect(stderr).toContain('Shown only now; keep it.')
    const second = await startCollector(environment)
    const statusOf = async (token: string | undefined) =>
      (await fetch(`${second.address}/v1/sites`, { headers: { authorization: `Bearer ${token}` } })).status
    expect([await statusOf(stdout.trim()), await statusOf(before)]).toEqual([200, 401])
    expect(await second.stop('SIGTERM')).toBe(0)
    expect(JSON.stringify(await store.config())).not.toContain(stdout.trim())
  })

  it('makes a key that a running collector takes within seconds, and refuses once it is revoked', async () => {
    const collector = await startCollector({ TALLYMARK_STORE: `sqlite:${place.path}` })
    const made = await tallymark(place.path, 'key', 'server', 'my-site')
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^sk_\S{43}\n$/)])
    const statusOf = async () => {
      const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ events: [{ type: 'signup', leadId: 'L-1' }] })
      return (await fetch(`${collector.address}/v1/conversions`, { method: 'POST', headers, body })).status
    }
    await expect.poll(statusOf, { timeout: 10_000 }).toBe(202)
    const { keys } = JSON.parse((await tallymark(place.path, 'key', 'list', '--json')).stdout)
    expect(keys).toEqual([
      {
        id: expect.any(String),
        role: 'server',
        site: 'my-site',
        prefix: made.stdout.slice(0, 9),
        madeAt: expect.any(String),
        revoked: false,
      },
    ])
    expect((await tallymark(place.path, 'key', 'revoke', keys[0].id)).code).toBe(0)
    await expect.poll(statusOf, { timeout: 10_000 }).toBe(401)
    expect((await tallymark(place.path, 'key', 'list')).stdout).toMatch(/my-site +sk_\S+… +\S+ +revoked/)

    const [key = ''] = (await tallymark(place.path, 'key', 'server', 'my-site', '--signs')).stdout.split('\n')
    const [, id = ''] = /^signing_([\da-f-]{36})_[\w-]{43}$/.exec(key) ?? []
    const signedStatus = async () => {
      const body = JSON.stringify({ events: [{ type: 'signup', leadId: 'L-2' }] })
      const headers = { 'content-type': 'application/json', ...signed({ id, key }, body, Date.now()) }
      return (await fetch(`${collector.address}/v1/conversions`, { method: 'POST', headers, body })).status
    }
    await expect.poll(signedStatus, { timeout: 10_000 }).toBe(202)
    expect((await tallymark(place.path, 'key', 'list')).stdout).toMatch(new RegExp(`${id} +server, signs +my-site`))
    expect(await collector.stop('SIGTERM')).toBe(0)
  })
})
