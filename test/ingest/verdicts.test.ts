import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { agentOf } from '../../collector/ingest/agentOf.ts'
import { type Click, clickVerdict, DEFAULT_CLICK_RULES } from '../../collector/ingest/clickVerdict.ts'
import { networkOf, sourceOf, trustedProxies } from '../../collector/ingest/sourceOf.ts'
import { BROWSER, type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('clicks of one visitor on one campaign', () => {
  const rules = DEFAULT_CLICK_RULES
  let n = 0
  /** Judges clicks one after the other. */
  function judge(clicks: { at: number; placement?: string; id?: string }[], change = {}) {
    const before: Click[] = []
    for (const { at, placement, id = `c${++n}` } of clicks) {
      const verdict = clickVerdict(before, { id, at, placement }, { ...rules, ...change })
      before.push({ id, at, placement, verdict })
    }
    return before.map(({ verdict }) => verdict)
  }

  it('count again after 30 s, or on another placement', () => {
    expect(judge([{ at: 0 }, { at: 200 }, { at: 29_999 }, { at: 30_000 }])).toEqual(['counted', 'double_click', 'double_click', 'counted'])
    expect(
      judge([
        { at: 0, placement: 'a' },
        { at: 1, placement: 'b' },
        { at: 2, placement: 'a' },
      ]),
    ).toEqual(['counted', 'counted', 'double_click'])
  })

  it('have the verdict of their id when they come again', () => {
    expect(
      judge([
        { at: 0, id: 'x' },
        { at: 5, id: 'x' },
        { at: 9, id: 'y' },
        { at: 9, id: 'y' },
      ]),
    ).toEqual(['counted', 'counted', 'double_click', 'double_click'])
  })

  it('count 10 times an hour and 25 times a day', () => {
    const everyMinute = judge(Array.from({ length: 12 }, (_, i) => ({ at: i * MINUTE })))
    expect(everyMinute.filter((verdict) => verdict === 'counted')).toHaveLength(10)
    expect(everyMinute.at(-1)).toBe('rate')
    const everyTen = judge(Array.from({ length: 30 }, (_, i) => ({ at: i * 10 * MINUTE })))
    expect(everyTen.filter((verdict) => verdict === 'counted')).toHaveLength(25)
    expect(judge([...Array.from({ length: 10 }, (_, i) => ({ at: i * MINUTE })), { at: HOUR }]).at(-1)).toBe('counted')
  })

  it('count once in 24 h where the campaign says so, and without limit where it has none', () => {
    expect(judge([{ at: 0 }, { at: 23 * HOUR }, { at: 24 * HOUR }], { repeatClickHours: 24 })).toEqual([
      'counted',
      'repeat_click',
      'counted',
    ])
    const none = { doubleClickSeconds: null, repeatClickHours: null, clickLimits: null }
    expect(
      new Set(
        judge(
          Array.from({ length: 100 }, (_, at) => ({ at })),
          none,
        ),
      ),
    ).toEqual(new Set(['counted']))
  })
})

describe('user agents', () => {
  it.each([
    ['', true, undefined],
    ['curl/8.0', true, 'desktop'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true, 'desktop'],
    [BROWSER, false, 'desktop'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
      false,
      'mobile',
    ],
    [
      'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
      false,
      'mobile',
    ],
    ['Mozilla/5.0 (Linux; Android 16; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36', false, 'tablet'],
  ])('%s', (userAgent, isBot, device) => {
    expect(agentOf(userAgent)).toEqual({ isBot, isHeadless: false, device })
  })
})

describe('sources', () => {
  const behind = (socket: string, forwarded?: string, ranges = ['10.0.0.0/8', '::1']) =>
    sourceOf({ socket, forwarded }, trustedProxies(ranges))

  it('are those of the socket, whatever a client writes', () => {
    expect(behind('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9')
    expect(behind('::ffff:203.0.113.9')).toBe('203.0.113.9')
  })

  it('are the last untrusted hop behind trusted proxies', () => {
    expect(behind('10.0.0.1', '1.1.1.1, 198.51.100.1, 10.9.9.9')).toBe('198.51.100.1')
    expect(behind('::1', '198.51.100.1')).toBe('198.51.100.1')
    expect(behind('10.0.0.1', 'nonsense')).toBe('10.0.0.1')
    expect(behind('10.0.0.1')).toBe('10.0.0.1')
  })

  it('refuse what is no range', () => {
    for (const range of ['10.0.0.0/33', 'example.com', '::/129', '10.0.0.0/']) expect(() => trustedProxies([range])).toThrow(RangeError)
  })

  it('belong to coarse networks', () => {
    expect(['203.0.113.9', '2001:db8:1:2::3', '2001:db8::1', '::1', 'x'].map(networkOf)).toEqual([
      '203.0.113',
      '2001:db8:1',
      '2001:db8:0',
      '0:0:0',
      '',
    ])
  })
})

describe('verdicts of the collector', () => {
  let collector: TestCollector
  beforeEach(async () => {
    collector = await testCollector()
  })
  afterEach(() => collector.destroy())
  let n = 0
  const send = async (change = {}, headers = {}) => {
    const response = await collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf({ n: ++n, ...change })] }, headers)
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1, duplicates: 0, rejected: [] }])
  }
  const verdicts = async () => (await collector.store.ledger({ afterSeq: 0, limit: 100 })).map(({ verdict }) => verdict)

  it('are silent: what does not count is answered like what does', async () => {
    await send({ type: 'impression' })
    await send({ type: 'impression', test: true })
    await send({ type: 'impression', automation: true })
    await send({ type: 'impression' }, { 'user-agent': 'curl/8.0' })
    await send({ type: 'impression' }, { 'user-agent': '' })
    await send({ type: 'impression' }, { 'user-agent': BROWSER.replace('Chrome', 'HeadlessChrome') })
    await send({ type: 'impression' }, { 'sec-purpose': 'prefetch' })
    expect(await verdicts()).toEqual(['counted', 'test', 'automation', 'bot', 'bot', 'bot', 'prefetch'])
    const { totals, notCounted } = await collector.results('campaign=spring')
    expect([totals.impressions, notCounted]).toEqual([1, { test: 1, automation: 1, bot: 3, prefetch: 1 }])
  })

  it('let a site count driven browsers, but no bots', async () => {
    await collector.admin('PUT', '/v1/sites/shop', { origins: ['https://shop.example'], allow: ['automation'] })
    await send({ automation: true }, { 'user-agent': BROWSER.replace('Chrome', 'HeadlessChrome') })
    await send({}, { 'user-agent': 'curl/8.0' })
    expect(await verdicts()).toEqual(['counted', 'bot'])
  })

  it('let a site with origins count its pages on localhost', async () => {
    await send({ placement: 'a' }, { origin: 'http://localhost:3000' })
    await collector.admin('PUT', '/v1/sites/shop', { origins: ['https://shop.example'], allow: ['localhost'] })
    await send({ placement: 'b' }, { origin: 'http://localhost:3000' })
    expect(await verdicts()).toEqual(['test', 'counted'])
  })

  it('know a visitor by network and user agent, a day and a site at a time', async () => {
    await send()
    await send()
    await send({}, { 'user-agent': BROWSER.replace('156', '157') })
    await send({ campaign: 'other' })
    await send({ type: 'impression' })
    expect(await verdicts()).toEqual(['counted', 'double_click', 'counted', 'counted', 'counted'])
    const visitors = (await collector.store.ledger({ afterSeq: 0, limit: 9 })).map(({ evidence }) => evidence.visitor)
    expect(visitors).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      visitors[0],
      expect.not.stringMatching(visitors[0] ?? ''),
      visitors[0],
      undefined,
    ])
    collector.clock.now = NOON + 24 * HOUR
    await send({ occurredAt: NOON })
    expect((await collector.store.ledger({ afterSeq: 5, limit: 1 }))[0]?.evidence.visitor).not.toBe(visitors[0])
  })

  it('go by the rules of the campaign', async () => {
    await collector.admin('PUT', '/v1/campaigns/spring', {
      currency: 'NOK',
      invalidTraffic: { doubleClickSeconds: null, clickLimits: [{ count: 2, per: 'minute' }] },
    })
    for (let i = 0; i < 4; i++) await send()
    expect(await verdicts()).toEqual(['counted', 'counted', 'rate', 'rate'])
  })

  it('know clicks of before a restart', async () => {
    await send()
    const { app } = await testCollectorOn(collector)
    const body = JSON.stringify({ site: 'shop', sentAt: NOON, events: [wireEventOf({ n: ++n })] })
    await app.request('/v1/events', { method: 'POST', headers: { origin: 'https://shop.example', 'user-agent': BROWSER }, body })
    expect(await verdicts()).toEqual(['counted', 'double_click'])
  })
})

/** Another collector on the same store, as a restart makes one. */
async function testCollectorOn({ store, registry, clock }: TestCollector) {
  const { collectorApp } = await import('../../collector/app.ts')
  const { loadAssets } = await import('../../collector/assets.ts')
  const options = { isTrustedProxy: () => false, adminTokenHash: '', demo: false, now: () => clock.now, newId: () => '', log: () => {} }
  const assets = loadAssets(`${import.meta.dirname}/../..`)
  return collectorApp({ ratePerSource: 0, ratePerSite: 0, store, registry, assets, closing: new AbortController().signal, ...options })
}
