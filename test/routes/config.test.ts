import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, TOKEN, testCollector } from '../support/collector.ts'
import { NOON } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

const json = async (response: Response | Promise<Response>) => (await response).json() as Promise<Record<string, unknown>>
const errorOf = async (response: Response | Promise<Response>) => {
  const { error } = (await json(response)) as { error: { code: string; field?: string } }
  return [(await response).status, error.code, error.field]
}

describe('admin routes', () => {
  it.each([
    ['GET', '/v1/sites'],
    ['PUT', '/v1/sites/shop'],
    ['GET', '/v1/campaigns'],
    ['PUT', '/v1/campaigns/spring'],
    ['GET', '/v1/campaigns/spring/terms'],
    ['POST', '/v1/campaigns/spring/terms'],
    ['GET', '/v1/results'],
    ['GET', '/v1/anything'],
  ])('%s %s wants the admin token', async (method, path) => {
    for (const authorization of [undefined, 'Bearer', 'Bearer wrong', `Basic ${TOKEN}`, TOKEN]) {
      const response = await collector.app.request(path, { method, ...(authorization !== undefined && { headers: { authorization } }) })
      expect([response.status, await errorOf(response)]).toEqual([401, [401, 'bad_token', undefined]])
    }
  })

  it('answers an unknown address with the one form of errors', async () => {
    expect(await errorOf(collector.app.request('/nothing'))).toEqual([404, 'not_found', undefined])
    expect(await errorOf(collector.admin('GET', '/v1/nothing'))).toEqual([404, 'not_found', undefined])
  })
})

describe('PUT /v1/sites/:id', () => {
  it('makes a site, and says that one without origins accepts localhost only', async () => {
    expect(await json(collector.admin('PUT', '/v1/sites/blog', {}))).toMatchObject({
      id: 'blog',
      name: 'blog',
      origins: [],
      accepts: expect.stringContaining('localhost only'),
    })
    expect(await json(collector.admin('PUT', '/v1/sites/blog', { name: 'Blog', origins: ['https://blog.example'] }))).toMatchObject({
      name: 'Blog',
      accepts: 'pages of https://blog.example',
    })
    expect(await json(collector.admin('GET', '/v1/sites'))).toMatchObject({
      sites: expect.arrayContaining([expect.objectContaining({ id: 'blog' })]),
    })
  })

  it.each([
    ['origins[0]', { origins: ['https://shop.example/'] }],
    ['origins[0]', { origins: ['shop.example'] }],
    ['origins[1]', { origins: ['https://a.example', 'javascript:alert(1)'] }],
    ['origins', { origins: 'https://a.example' }],
    ['name', { name: '' }],
    ['body', []],
  ])('names %s when it is wrong', async (field, body) => {
    expect(await errorOf(collector.admin('PUT', '/v1/sites/blog', body))).toEqual([422, 'invalid_request', field])
    expect(collector.registry.site('blog')).toBeUndefined()
  })

  it('refuses ids that are too long or that objects have by themselves', async () => {
    expect(await errorOf(collector.admin('PUT', `/v1/sites/${'x'.repeat(129)}`, {}))).toEqual([422, 'invalid_request', 'id'])
    expect(await errorOf(collector.admin('PUT', '/v1/sites/__proto__', {}))).toEqual([422, 'forbidden_key', 'id'])
  })
})

describe('PUT /v1/campaigns/:id', () => {
  it('makes a campaign with the defaults of the trade', async () => {
    expect(await json(collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK' }))).toEqual({
      id: 'spring',
      name: 'spring',
      currency: 'NOK',
      timeZone: 'UTC',
      invalidTraffic: {
        doubleClickSeconds: 30,
        repeatClickHours: 0,
        clickLimits: [
          { count: 10, per: 'hour' },
          { count: 25, per: 'day' },
        ],
      },
      terms: [],
    })
  })

  it.each([
    ['currency', {}],
    ['currency', { currency: 'XYZ' }],
    ['timeZone', { currency: 'NOK', timeZone: 'Mars/Olympus' }],
    ['invalidTraffic.clickLimits[0].per', { currency: 'NOK', invalidTraffic: { clickLimits: [{ count: 1, per: 'year' }] } }],
  ])('names %s when it is wrong', async (field, body) => {
    expect(await errorOf(collector.admin('PUT', '/v1/campaigns/spring', body))).toEqual([422, 'invalid_request', field])
  })

  it('keeps the currency in which its terms are', async () => {
    await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK' })
    await collector.admin('POST', '/v1/campaigns/spring/terms', { pays: [{ model: 'cpc', rate: '1.00' }] })
    expect(await errorOf(collector.admin('PUT', '/v1/campaigns/spring', { currency: 'EUR' }))).toEqual([409, 'conflict', 'currency'])
    const renamed = await json(collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', name: 'Spring sale' }))
    expect(renamed).toMatchObject({ name: 'Spring sale', terms: [{ version: 1 }] })
  })
})

describe('POST /v1/campaigns/:id/terms', () => {
  beforeEach(() => collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK' }))
  const post = (body: unknown) => collector.admin('POST', '/v1/campaigns/spring/terms', body)

  it('adds versions, each with its instant, now by default', async () => {
    const first = await post({
      from: '2026-11-01T00:00:00+01:00',
      pays: [
        { model: 'cpm', rate: '37.50' },
        { model: 'cps', share: '0.10' },
      ],
    })
    expect(first.status).toBe(201)
    expect(await first.json()).toMatchObject({
      version: 1,
      from: '2026-10-31T23:00:00.000Z',
      windows: { clickDays: 30, viewDays: 1 },
      status: 'active',
    })
    expect(await json(post({ pays: [] }))).toMatchObject({ version: 2, from: new Date(NOON).toISOString() })
    expect(await json(collector.admin('GET', '/v1/campaigns/spring/terms'))).toMatchObject({ terms: [{ version: 1 }, { version: 2 }] })
  })

  it('wants a campaign that exists', async () => {
    expect(await errorOf(collector.admin('POST', '/v1/campaigns/none/terms', { pays: [] }))).toEqual([404, 'not_found', undefined])
  })

  it.each([
    ['pays', {}],
    ['pays[0].model', { pays: [{ model: 'cpx', rate: '1' }] }],
    ['pays[0]', { pays: [{ model: 'cpc' }] }],
    ['pays[0]', { pays: [{ model: 'cps', rate: '1', share: '0.1' }] }],
    ['pays[0].share', { pays: [{ model: 'cpc', share: '0.1' }] }],
    ['pays[0].share', { pays: [{ model: 'cps', share: '10' }] }],
    ['pays[0].rate', { pays: [{ model: 'cpc', rate: 1 }] }],
    ['pays[0].rate', { pays: [{ model: 'cpc', rate: '-1' }] }],
    ['pays[0].rate', { pays: [{ model: 'cpc', rate: '1.000000001' }] }],
    [
      'pays',
      {
        pays: [
          { model: 'cpc', rate: '1' },
          { model: 'cpc', rate: '2' },
        ],
      },
    ],
    ['from', { from: '2026-11-01', pays: [] }],
    ['windows.clickDays', { pays: [], windows: { clickDays: 91 } }],
    ['status', { pays: [], status: 'stopped' }],
  ])('names %s when it is wrong', async (field, body) => {
    expect(await errorOf(post(body))).toEqual([422, 'invalid_request', field])
    expect(collector.registry.campaign('spring')?.terms).toEqual([])
  })
})
