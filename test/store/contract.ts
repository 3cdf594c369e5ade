import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LedgerEvent, Outcome, Store, TotalsRow } from '../../collector/store/store.ts'
import { idNumber, ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

export interface StoreUnderTest {
  open(): Promise<Store>
  destroy(): Promise<void>
}

const HOUR = 3_600_000
const DAY = [NOON - 12 * HOUR, NOON + 12 * HOUR]

/** What any backend must do. `make` gives a fresh, empty place; `open` may be called again after `close`. */
export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}: store contract`, () => {
    let place: StoreUnderTest
    let store: Store
    beforeEach(async () => {
      place = await make()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.destroy()
    })
    const totals = (dimensions: Parameters<Store['totals']>[0]['dimensions'] = [], edges = DAY, campaign = 'spring') =>
      store.totals({ campaign, edges, dimensions })
    const count = (rows: TotalsRow[]) => rows.reduce((sum, row) => sum + row.count, 0)

    it('is empty at first', async () => {
      expect(await totals()).toEqual([])
      expect(await store.campaigns()).toEqual([])
      expect(await store.ledger({ afterSeq: 0, limit: 10 })).toEqual([])
      expect(await store.config()).toEqual([])
      await store.ready()
    })

    it('counts an event once, however often and however it is sent', async () => {
      const event = ledgerEventOf()
      expect(await store.append([event, event])).toEqual(['accepted', 'duplicate'])
      expect(await store.append([event])).toEqual(['duplicate'])
      const racing = await Promise.all(Array.from({ length: 64 }, () => store.append([ledgerEventOf({ n: 2 })])))
      expect(racing.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(1)
      expect(count(await totals())).toBe(2)
    })

    it('counts an order once per site, whoever reports it under whatever event id', async () => {
      const first = purchaseOf({ n: 1, orderId: 'A-1' })
      expect(await store.append([first, purchaseOf({ n: 2, orderId: 'A-1' })])).toEqual(['accepted', 'duplicate'])
      expect(await store.append([purchaseOf({ n: 3, orderId: 'A-1', site: 'other' })])).toEqual(['accepted'])
      expect(await store.append([purchaseOf({ n: 4 }), purchaseOf({ n: 5 })])).toEqual(['accepted', 'accepted'])
      expect(count(await totals())).toBe(4)
    })

    it('counts a lead once per site, apart from an order of the same name', async () => {
      const lead = (n: number) => ledgerEventOf({ n, type: 'signup', evidence: { leadId: 'A-1' } })
      expect(await store.append([lead(1), lead(2), purchaseOf({ n: 3, orderId: 'A-1' })])).toEqual(['accepted', 'duplicate', 'accepted'])
    })

    it('keeps order ids of events that do not count free for the real one', async () => {
      await store.append([purchaseOf({ n: 1, orderId: 'A-1', verdict: 'test' })])
      expect(await store.append([purchaseOf({ n: 2, orderId: 'A-1' })])).toEqual(['accepted'])
      expect(count(await totals())).toBe(1)
    })

    it('moves totals when a later report fills an empty field, and counts nothing twice', async () => {
      await store.append([ledgerEventOf({ tags: { source: 'news' } })])
      expect(await totals(['placement'])).toEqual([])
      await store.append([ledgerEventOf({ tags: { placement: 'top', source: 'other' } })])
      expect(await totals(['placement'])).toMatchObject([{ values: ['top'], count: 1 }])
      expect(await totals(['source'])).toMatchObject([{ values: ['news'], count: 1 }])
      expect(count(await totals())).toBe(1)
    })

    it('makes an impression viewable when the better evidence comes later', async () => {
      const impression = ledgerEventOf({ type: 'impression', evidence: { view: { ratio: 0.6, ms: 200, area: 1000 } } })
      await store.append([impression])
      await store.append([{ ...impression, viewable: true, evidence: { view: { ratio: 1, ms: 1000, area: 1000 } } }])
      expect(await totals()).toMatchObject([{ type: 'impression', count: 1, viewable: 1 }])
    })

    it('lets the word of a server supersede the claim of a browser, in either order', async () => {
      const claim = purchaseOf({ n: 1, orderId: 'A-1', valueMinor: 100 })
      const word = purchaseOf({ n: 2, orderId: 'A-1', valueMinor: 49_900, witness: 'server' })
      await store.append([claim, word])
      await store.append([purchaseOf({ n: 3, orderId: 'A-2', valueMinor: 49_900, witness: 'server' })])
      await store.append([purchaseOf({ n: 4, orderId: 'A-2', valueMinor: 100 })])
      expect(await totals()).toMatchObject([{ count: 2, valueMinor: 99_800n }])
      expect(await totals(['witness'])).toMatchObject([{ values: ['both'], count: 2 }])
      const conflicts = (await store.ledger({ afterSeq: 0, limit: 10 })).flatMap(({ evidence }) => evidence.conflicts ?? [])
      expect(conflicts).toMatchObject([
        { field: 'value', said: '100 NOK', by: 'browser' },
        { field: 'value', said: '100 NOK', by: 'browser' },
      ])
    })

    it('gives an order free when a server says that the event was another one, or none that counts', async () => {
      await store.append([purchaseOf({ n: 1, orderId: 'A-1' }), purchaseOf({ n: 2, orderId: 'B-1' })])
      await store.append([
        purchaseOf({ n: 1, orderId: 'A-2', witness: 'server' }),
        purchaseOf({ n: 2, orderId: 'B-1', witness: 'server', verdict: 'test' }),
      ])
      expect(await store.verify()).toEqual([])
      expect(
        await store.append([
          purchaseOf({ n: 3, orderId: 'A-1' }),
          purchaseOf({ n: 4, orderId: 'A-2' }),
          purchaseOf({ n: 5, orderId: 'B-1' }),
        ]),
      ).toEqual(['accepted', 'duplicate', 'accepted'])
      expect(await store.verify()).toEqual([])
    })

    it('keeps what the first said when the same id comes with another value', async () => {
      await store.append([purchaseOf({ valueMinor: 100 })])
      expect(await store.append([purchaseOf({ valueMinor: 200, campaign: 'other' })])).toEqual(['duplicate'])
      expect(await totals()).toMatchObject([{ count: 1, valueMinor: 100n }])
      expect(await totals([], DAY, 'other')).toEqual([])
    })

    it('tells a server, and no browser, that it says something else than what stands', async () => {
      const word = purchaseOf({ n: 1, orderId: 'A-1', valueMinor: 100, witness: 'server' })
      const claim = purchaseOf({ n: 2, orderId: 'A-2', valueMinor: 100 })
      await store.append([word, claim])
      const again = (change: Parameters<typeof purchaseOf>[0]) =>
        purchaseOf({ n: 3, orderId: 'A-1', valueMinor: 100, witness: 'server', ...change })
      const reports: [LedgerEvent, Outcome][] = [
        [word, 'duplicate'],
        [again({ tags: { placement: 'top' } }), 'duplicate'],
        [again({ campaign: '' }), 'duplicate'],
        [again({ valueMinor: 200 }), 'conflict'],
        [again({ valueMinor: 200 }), 'conflict'],
        [again({ currency: 'SEK' }), 'conflict'],
        [again({ campaign: 'other' }), 'conflict'],
        [again({ n: 1, orderId: 'A-3' }), 'conflict'],
        [ledgerEventOf({ n: 1, type: 'signup', witness: 'server', evidence: { leadId: 'L-1' } }), 'conflict'],
        [again({ valueMinor: 200, witness: 'browser' }), 'duplicate'],
        // Over the claim of a browser its word stands, and then over its own.
        [again({ orderId: 'A-2', valueMinor: 300 }), 'duplicate'],
        [again({ orderId: 'A-2', valueMinor: 100 }), 'conflict'],
      ]
      expect(await store.append(reports.map(([report]) => report))).toEqual(reports.map(([, outcome]) => outcome))
      expect(await totals()).toMatchObject([{ type: 'purchase', count: 2, valueMinor: 400n }])
      expect(await store.counters()).toMatchObject({ received: 14, counted: 2, duplicates: 12 })
      expect(await store.verify()).toEqual([])
    })

    it('lets a server speak for its own site only', async () => {
      await store.append([ledgerEventOf({ n: 1, site: 'publisher' }), purchaseOf({ n: 2, site: 'shop', valueMinor: 100 })])
      const foreign = [
        ledgerEventOf({ n: 1, site: 'shop', witness: 'server', verdict: 'test' }),
        ledgerEventOf({ n: 1, site: 'shop', witness: 'server', campaign: 'other' }),
        purchaseOf({ n: 2, site: 'publisher', witness: 'server', valueMinor: 900 }),
        purchaseOf({ n: 2, site: 'publisher', witness: 'server', valueMinor: 100 }),
      ]
      expect(await store.append(foreign)).toEqual(['duplicate', 'conflict', 'conflict', 'duplicate'])
      expect(await totals(['witness'])).toMatchObject([
        { site: 'publisher', type: 'click', values: ['browser'], count: 1 },
        { site: 'shop', type: 'purchase', values: ['browser'], count: 1, valueMinor: 100n },
      ])
      // Its own server's word stands as ever.
      await store.append([purchaseOf({ n: 2, site: 'shop', witness: 'server', valueMinor: 200 })])
      expect(await totals(['witness'])).toMatchObject([{ type: 'click' }, { values: ['both'], count: 1, valueMinor: 200n }])
      expect(await store.verify()).toEqual([])
    })

    it('splits totals by each tag, segment and variant', async () => {
      const tags = { placement: 'top', segment: { plan: 'pro' }, variant: { headline: 'B' }, content: 'blue' }
      await store.append([ledgerEventOf({ n: 1, tags }), ledgerEventOf({ n: 2, tags: { segment: { plan: 'free' } } })])
      expect(await totals(['placement'])).toMatchObject([{ values: ['top'], count: 1 }])
      expect(await totals(['variant.headline'])).toMatchObject([{ values: ['B'], count: 1 }])
      const plans = await totals(['segment.plan'])
      expect(plans.map(({ values, count }) => [values[0], count]).sort()).toEqual([
        ['free', 1],
        ['pro', 1],
      ])
      const crossed = await totals(['placement', 'segment.plan'])
      expect(crossed.map(({ values }) => values)).toEqual(
        expect.arrayContaining([
          ['top', 'pro'],
          [null, 'free'],
        ]),
      )
    })

    it('holds what does not count by its reason only', async () => {
      await store.append([ledgerEventOf({ n: 1, verdict: 'test' }), ledgerEventOf({ n: 2 })])
      expect(count(await totals())).toBe(1)
      expect(await totals(['verdict'])).toMatchObject([{ values: ['test'], count: 1 }])
      expect(await totals(['witness'])).toMatchObject([{ count: 1 }])
    })

    it('gives exact totals between any instants', async () => {
      const at = [NOON - 1, NOON, NOON + 7, NOON + HOUR - 1, NOON + HOUR]
      await store.append(at.map((occurredAt, n) => ledgerEventOf({ n, occurredAt })))
      const perInterval = async (edges: number[]) => (await totals([], edges)).map(({ interval, count }) => [interval, count])
      expect(await perInterval([NOON, NOON + HOUR])).toEqual([[0, 3]])
      expect(await perInterval([NOON + 1, NOON + HOUR + 1])).toEqual([[0, 3]])
      expect(await perInterval([0, NOON, NOON + 7, NOON + 8, NOON + 2 * HOUR])).toEqual([
        [0, 1],
        [1, 1],
        [2, 1],
        [3, 2],
      ])
    })

    it('gives back in the ledger what was put in, in the order of commits', async () => {
      const full = purchaseOf({
        n: 7,
        orderId: 'A-1',
        tags: {
          placement: 'top',
          source: 's',
          medium: 'm',
          content: 'c',
          term: 't',
          device: 'mobile',
          consent: 'granted',
          segment: { a: '1' },
          variant: { b: '2' },
        },
        evidence: { orderId: 'A-1', touches: [{ type: 'click', campaign: 'spring', at: NOON - 5 }], page: '/thanks' },
      })
      await store.append([full])
      await store.append([ledgerEventOf({ n: 8, campaign: '' })])
      const rows = await store.ledger({ afterSeq: 0, limit: 10 })
      expect(rows.map(({ seq, ...event }) => event)).toEqual([full, ledgerEventOf({ n: 8, campaign: '' })])
      expect(await store.ledger({ afterSeq: rows[0]?.seq ?? 0, limit: 10 })).toHaveLength(1)
      expect((await store.campaigns()).sort()).toEqual(['', 'spring'])
    })

    it('gathers the values over a bound in totals and keeps them whole in the ledger', async () => {
      const events = Array.from({ length: 1_203 }, (_, n) => ledgerEventOf({ n, tags: { content: `c${n}` } }))
      await store.append(events)
      const rows = await totals(['content'])
      expect(rows).toHaveLength(1_001)
      expect(rows.find(({ values }) => values[0] === '(other)')?.count).toBe(203)
      expect(count(rows)).toBe(1_203)
      expect((await store.ledger({ afterSeq: 0, limit: 2_000 })).at(-1)?.tags.content).toBe('c1202')
    })

    it('holds names that look like code as they are', async () => {
      const campaign = `'; DROP TABLE ledger; --\u202e<img src=x onerror=1>`
      await store.append([ledgerEventOf({ campaign, tags: { segment: { '"quoted"': '{{7*7}}' } } })])
      expect(await totals(['segment."quoted"'], DAY, campaign)).toMatchObject([{ values: ['{{7*7}}'], count: 1 }])
    })

    it('keeps everything over a restart, and goes on counting once', async () => {
      const event = purchaseOf({ orderId: 'A-1', tags: { placement: 'top' } })
      await store.append([event])
      await store.putConfig({ kind: 'site', id: 'shop', at: NOON, value: { name: 'Shop' } })
      const before = [await totals(), await totals(['placement']), await store.ledger({ afterSeq: 0, limit: 10 })]
      await store.close()
      store = await place.open()
      expect([await totals(), await totals(['placement']), await store.ledger({ afterSeq: 0, limit: 10 })]).toEqual(before)
      expect(await store.append([event, purchaseOf({ n: 2, orderId: 'A-1' })])).toEqual(['duplicate', 'duplicate'])
      expect(await store.config()).toEqual([{ kind: 'site', id: 'shop', at: NOON, value: { name: 'Shop' } }])
    })

    it('accounts for every event that came', async () => {
      await store.append([ledgerEventOf({ n: 1 }), ledgerEventOf({ n: 1 }), ledgerEventOf({ n: 2, verdict: 'test' })])
      const failed = { site: 'shop', code: 'invalid_event', field: 'type', receivedAt: NOON, body: '{"type":"view"}' }
      expect(await store.append([ledgerEventOf({ n: 3 })], [failed, { ...failed, code: 'too_old' }])).toEqual([
        'accepted',
        'failed',
        'failed',
      ])
      const counters = { received: 6, counted: 2, notCounted: { test: 1 }, duplicates: 1, failed: { invalid_event: 1, too_old: 1 } }
      expect(await store.counters()).toEqual(counters)
      expect(await store.failed({ afterSeq: 0, limit: 10 })).toMatchObject([failed, { ...failed, code: 'too_old' }])
      await store.close()
      store = await place.open()
      expect(await store.counters()).toEqual(counters)
    })

    it('keeps failed events within bounds, the newest of each kind', async () => {
      const failed = (n: number, body = '') => ({ site: 'shop', code: 'too_old', field: '', receivedAt: n, body })
      await store.append(
        [],
        Array.from({ length: 1_500 }, (_, n) => failed(n)),
      )
      await store.append([], [{ ...failed(0), code: 'other' }])
      const kept = await store.failed({ afterSeq: 0, limit: 5_000 })
      expect([kept.length, kept[0]?.receivedAt]).toEqual([1_001, 500])
      await store.append(
        [],
        Array.from({ length: 200 }, (_, n) => failed(n, 'x'.repeat(8_192))),
      )
      const bytes = (await store.failed({ afterSeq: 0, limit: 5_000 })).reduce((sum, { body }) => sum + body.length, 0)
      expect(bytes).toBeLessThanOrEqual(1_048_576)
      expect((await store.counters()).failed).toEqual({ too_old: 1_700, other: 1 })
    })

    it('finds that everything agrees with the ledger, before and after it is made anew', async () => {
      const events = Array.from({ length: 300 }, (_, n) =>
        purchaseOf({
          n,
          orderId: `A-${n % 200}`,
          campaign: `c${n % 3}`,
          occurredAt: NOON - n * 1_000_000,
          verdict: n % 7 === 0 ? 'test' : 'counted',
          witness: n % 5 === 0 ? 'server' : 'browser',
          tags: { placement: `p${n % 4}`, ...(n > 250 && { content: `only later ${n}` }) },
        }),
      )
      await store.append(events)
      await store.append(events.map((event) => ({ ...event, tags: { ...event.tags, source: 'filled later' } })))
      const steps: number[] = []
      expect(await store.verify((done, total) => steps.push(done / total))).toEqual([])
      expect(steps.at(-1)).toBe(1)
      const all = () => Promise.all(['c0', 'c1', 'c2'].map((campaign) => totals(['placement'], [0, NOON + 1], campaign)))
      const before = await all()
      const [, ...outcomes] = await Promise.all([
        store.rebuild(),
        ...events.slice(0, 50).map((event) => store.append([event, ledgerEventOf({ n: 1_000 })])),
      ])
      expect(outcomes.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(1)
      expect(await store.verify()).toEqual([])
      expect(await all()).toEqual(before)
    })

    describe('prune', () => {
      const MINUTE = 60_000
      const OLD = NOON - 24 * HOUR
      const old = (n: number, change = {}) =>
        purchaseOf({
          n,
          orderId: `A-${n}`,
          occurredAt: OLD + n * MINUTE,
          receivedAt: OLD + n * MINUTE,
          tags: { placement: `p${n % 2}` },
          ...change,
        })
      const ids = async () => (await store.ledger({ afterSeq: 0, limit: 100 })).map(({ id }) => id)
      const cut = OLD + 7 * MINUTE + 1
      const edges = [OLD - HOUR, cut, OLD + 30 * MINUTE, NOON + HOUR]
      const everything = async () => [
        await totals([], edges),
        await totals(['placement'], edges),
        await totals(['placement', 'witness'], edges),
        await totals(['verdict'], edges),
        await store.counters(),
      ]
      const sorted = async () =>
        (await everything()).map((list) =>
          Array.isArray(list) ? list.map((row) => JSON.stringify({ ...row, valueMinor: String(row.valueMinor) })).sort() : list,
        )
      beforeEach(async () => {
        await store.append(Array.from({ length: 20 }, (_, n) => old(n, n === 3 ? { verdict: 'bot' } : {})))
        await store.append([{ ...old(4), tags: { source: 'heard of again' }, receivedAt: NOON }]) // so it is not old
        await store.append([{ ...old(5), tags: { source: 'heard of again' }, receivedAt: OLD + HOUR }])
        await store.append([ledgerEventOf({ n: 99, receivedAt: OLD + HOUR })]) // old, but the last
      })

      it('takes what was last heard of before an instant out of the ledger, and leaves every total', async () => {
        const before = await sorted()
        expect(await store.prune({ before: OLD + 2 * HOUR, cuts: [cut] })).toBe(19)
        expect(await ids()).toEqual([idNumber(4), idNumber(4), idNumber(99)])
        expect(await sorted()).toEqual(before)
        expect(await store.verify()).toEqual([])
        await store.rebuild()
        expect(await sorted()).toEqual(before)
        expect(await store.prune({ before: OLD + 2 * HOUR, cuts: [cut] })).toBe(0)
      })

      it('counts ids and orders that are gone from the ledger once all the same', async () => {
        await store.prune({ before: OLD + 2 * HOUR })
        const outcomes = await store.append([
          old(1),
          old(5),
          purchaseOf({ n: 200, orderId: 'A-1' }),
          old(4),
          purchaseOf({ n: 201, orderId: 'A-201' }),
        ])
        expect(outcomes).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'accepted'])
        expect(await store.verify()).toEqual([])
        await store.close()
        store = await place.open()
        expect(await store.append([old(2)])).toEqual(['duplicate'])
      })

      it('goes on in the ledger where it was, and lets old failed events go', async () => {
        const end = await store.ledgerEnd()
        const failed = { site: 'shop', code: 'invalid_event', field: 'type', body: '{}' }
        await store.append(
          [],
          [
            { ...failed, receivedAt: OLD },
            { ...failed, receivedAt: NOON },
          ],
        )
        await store.prune({ before: NOON })
        await store.append([ledgerEventOf({ n: 300 })])
        expect(await store.ledgerEnd()).toBe(end + 1)
        expect((await store.failed({ afterSeq: 0, limit: 10 })).map(({ receivedAt }) => receivedAt)).toEqual([NOON])
        expect((await store.counters()).failed).toEqual({ invalid_event: 2 })
        expect(await store.verify()).toEqual([])
      })
    })

    it('gives the history of an event, row by row', async () => {
      await store.append([purchaseOf({ n: 1, orderId: 'A-1', valueMinor: 100 }), ledgerEventOf({ n: 2 })])
      await store.append([purchaseOf({ n: 3, orderId: 'A-1', tags: { placement: 'top' }, valueMinor: 100 })])
      await store.append([purchaseOf({ n: 4, orderId: 'A-1', valueMinor: 900, witness: 'server' })])
      const history = await store.history(idNumber(1))
      expect(history.map(({ valueMinor, witness, tags }) => [valueMinor, witness, tags.placement])).toEqual([
        [100, 'browser', undefined],
        [100, 'browser', 'top'],
        [900, 'both', 'top'],
      ])
      expect(history.map(({ seq, replaces }) => [seq, replaces])).toEqual([
        [history[0]?.seq, undefined],
        [history[1]?.seq, history[0]?.seq],
        [history[2]?.seq, history[1]?.seq],
      ])
      expect((await store.history(idNumber(2))).map(({ type }) => type)).toEqual(['click'])
      expect(await store.history(idNumber(3))).toEqual([])
    })

    it('finds an event by order or lead, one that does not count only where none does', async () => {
      await store.append([purchaseOf({ n: 1, orderId: 'A-1', verdict: 'bot' }), purchaseOf({ n: 2, orderId: 'A-1' })])
      await store.append([purchaseOf({ n: 3, orderId: 'A-1', site: 'other' }), purchaseOf({ n: 4, orderId: 'A-10' })])
      await store.append([ledgerEventOf({ n: 5, type: 'signup', evidence: { leadId: 'A-1' } })])
      const tricky = 'a"b\\c'
      await store.append([purchaseOf({ n: 6, orderId: tricky, verdict: 'test' }), purchaseOf({ n: 7, orderId: tricky, verdict: 'bot' })])
      const find = async (kind: 'order' | 'lead', key: string, ...sites: string[]) =>
        (await store.findConversions({ sites, kind, key })).map(({ id, site }) => `${site} ${Number.parseInt(id.slice(-12), 16)}`)
      expect(await find('order', 'A-1', 'shop')).toEqual(['shop 2'])
      expect(await find('order', 'A-1', 'other')).toEqual(['other 3'])
      expect(await find('order', 'A-1', 'other', 'shop', 'nowhere')).toEqual(['other 3', 'shop 2'])
      expect(await find('lead', 'A-1', 'shop')).toEqual(['shop 5'])
      expect(await find('order', tricky, 'shop')).toEqual(['shop 7', 'shop 6'])
      expect(await find('order', tricky, 'other')).toEqual([])
      expect([await find('order', 'A', 'shop'), await find('order', 'A-1', 'nowhere'), await find('lead', 'A-10', 'shop')]).toEqual([
        [],
        [],
        [],
      ])
    })

    it('reads counted conversions of a campaign in their present state, page by page', async () => {
      const noise = Array.from({ length: 12_000 }, (_, n) => ledgerEventOf({ n: 1_000 + n, occurredAt: NOON + (n % 7) }))
      await store.append(noise)
      await store.append([
        purchaseOf({ n: 1, occurredAt: NOON + 3, orderId: 'A-1', valueMinor: 100 }),
        purchaseOf({ n: 2, occurredAt: NOON + 3, verdict: 'test' }),
        purchaseOf({ n: 3, occurredAt: NOON + 7 }),
        purchaseOf({ n: 4, occurredAt: NOON, campaign: 'other' }),
        ledgerEventOf({ n: 5, occurredAt: NOON, type: 'signup' }),
        purchaseOf({ n: 6, occurredAt: NOON - 1 }),
        purchaseOf({ n: 7, occurredAt: NOON + 6 }),
      ])
      await store.append([purchaseOf({ n: 1, orderId: 'A-1', valueMinor: 700, witness: 'server' })])
      const found: unknown[] = []
      let pages = 0
      let after: Parameters<Store['countedEvents']>[0]['after']
      do {
        const page = await store.countedEvents({
          campaign: 'spring',
          types: ['signup', 'purchase'],
          from: NOON,
          to: NOON + 7,
          ...(after && { after }),
        })
        found.push(...page.events.map(({ id, valueMinor }) => [id, valueMinor]))
        after = page.next
        pages += 1
      } while (after)
      expect(found).toEqual([
        [idNumber(5), undefined],
        [idNumber(1), 700],
        [idNumber(7), 49_900],
      ])
      expect(pages).toBeGreaterThan(1)
      expect(await store.countedEvents({ campaign: 'nothing', types: ['signup'], from: 0, to: 2 * NOON })).toEqual({ events: [] })
    })

    it('commits on close what was handed over before', async () => {
      const appended = store.append([ledgerEventOf()])
      await store.close()
      expect(await appended).toEqual(['accepted'])
      store = await place.open()
      expect((await store.ledger({ afterSeq: 0, limit: 10 })).map(({ id }) => id)).toEqual([idNumber(1)])
    })
  })
}
