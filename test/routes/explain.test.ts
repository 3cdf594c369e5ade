import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BILLING_REASONS, CREDIT_REASONS, TOUCH_REASONS, VERDICT_REASONS } from '../../collector/explain/reasons.ts'
import { VERDICTS } from '../../collector/store/store.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { idNumber, ledgerEventOf, NOON, purchaseOf, wireEventOf } from '../support/events.ts'

const DAY = 86_400_000
const PAYS = [
  { model: 'cpc', rate: '2.00' },
  { model: 'cpl', rate: '25.00' },
  { model: 'cps', share: '0.10' },
]

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

async function get(
  path: string,
): Promise<{ status: number; body: Record<string, never> & { error: { code: string; field: string; message: string } } }> {
  const response = await collector.admin('GET', path)
  return { status: response.status, body: (await response.json()) as never }
}
// biome-ignore lint/suspicious/noExplicitAny: an answer of many parts
const explain = async (n: number): Promise<any> => (await get(`/v1/events/${idNumber(n)}/explain`)).body
const put = (id: string, body: object = {}) => collector.admin('PUT', `/v1/campaigns/${id}`, { currency: 'NOK', ...body })
const terms = (id: string, body: object) =>
  collector.admin('POST', `/v1/campaigns/${id}/terms`, { from: new Date(0).toISOString(), ...body })
const send = async (...events: object[]) => {
  const response = await collector.post({ site: 'shop', sentAt: NOON, events })
  expect(await response.json()).toMatchObject({ rejected: [] })
}
const touch = (type: string, daysBefore: number, change: object = {}) => ({
  type,
  campaign: 'spring',
  at: NOON - daysBefore * DAY,
  ...change,
})
const conversion = (n: number, touches: object[], change: object = {}) => ({
  id: idNumber(n),
  type: 'purchase',
  occurredAt: NOON,
  value: '499.00',
  currency: 'NOK',
  touches,
  ...change,
})

describe('explain', () => {
  it('gives each verdict in a sentence', async () => {
    await collector.store.append(VERDICTS.map((verdict, i) => ledgerEventOf({ n: i, verdict })))
    for (const [i, verdict] of VERDICTS.entries()) {
      const { verdict: told, billing } = await explain(i)
      expect(told).toEqual({ code: verdict, counted: verdict === 'counted', why: VERDICT_REASONS[verdict] })
      expect(billing.code).toBe(verdict === 'counted' ? 'not_set_up' : 'not_counted')
    }
    expect(new Set(Object.values(VERDICT_REASONS)).size).toBe(VERDICTS.length)
  })

  it('says of each touch why it won or lost', async () => {
    await put('spring')
    await terms('spring', { pays: PAYS, windows: { clickDays: 30, viewDays: 1 } })
    await send(
      conversion(1, [
        touch('click', 31, { id: 'too-old' }),
        touch('click', 9, { id: 'earlier' }),
        touch('click', 2, { id: 'winner', placement: 'top' }),
        touch('impression', 0.5, { id: 'seen' }),
        touch('impression', 3, { id: 'seen-long-ago' }),
        touch('click', 0.1, { id: 'paid', source: 'paypal.com', medium: 'referral' }),
        touch('click', -1, { id: 'later' }),
      ]),
      conversion(2, [
        touch('impression', 0.9, { id: 'first' }),
        touch('impression', 0.2, { id: 'second' }),
        touch('click', 40, { id: 'old' }),
      ]),
      conversion(3, [touch('click', 1, { id: 'other', campaign: 'autumn' }), touch('click', 2, { id: 'own' })], { campaign: 'spring' }),
      // Of one moment: the page sends its touches oldest first, so the last of them is the newest.
      conversion(4, [touch('click', 2, { id: 'one' }), touch('click', 2, { id: 'two' })]),
    )
    const reasons = async (n: number) =>
      Object.fromEntries((await explain(n)).credit.touches.map(({ id, reason }: { id: string; reason: string }) => [id, reason]))
    expect(await reasons(1)).toEqual({
      'too-old': 'out_of_window',
      earlier: 'earlier_click',
      winner: 'last_click',
      seen: 'click_wins',
      'seen-long-ago': 'out_of_window',
      paid: 'payment_return',
      later: 'after_conversion',
    })
    expect(await reasons(2)).toEqual({ first: 'earlier_impression', second: 'last_impression', old: 'out_of_window' })
    expect(await reasons(3)).toEqual({ other: 'other_campaign', own: 'last_click' })
    expect(await reasons(4)).toEqual({ one: 'earlier_click', two: 'last_click' })
    const { credit } = await explain(1)
    expect(credit.touches.map(({ id }: { id: string }) => id)).toEqual([
      'too-old',
      'earlier',
      'seen-long-ago',
      'winner',
      'seen',
      'paid',
      'later',
    ])
    expect(credit.touches[3]).toEqual({
      type: 'click',
      campaign: 'spring',
      id: 'winner',
      placement: 'top',
      at: new Date(NOON - 2 * DAY).toISOString(),
      ageMs: 2 * DAY,
      windowDays: 30,
      inWindow: true,
      won: true,
      reason: 'last_click',
      why: TOUCH_REASONS.last_click,
    })
    expect(credit.differs).toBeNull()
  })

  it('says how a conversion came to its campaign', async () => {
    await send(
      conversion(1, [touch('click', 1)]),
      conversion(2, [touch('impression', 0.5)]),
      conversion(3, [touch('click', 31)]),
      conversion(4, [], { campaign: 'spring' }),
      conversion(5, [touch('click', 1)], { campaign: 'spring' }),
      wireEventOf({ n: 6 }),
    )
    const told = await Promise.all([1, 2, 3, 4, 5].map(async (n) => (await explain(n)).credit))
    expect(told.map(({ how, campaign }) => [how, campaign])).toEqual([
      ['click', 'spring'],
      ['impression', 'spring'],
      ['none', null],
      ['named', 'spring'],
      ['named', 'spring'],
    ])
    expect(told.map(({ why }) => why)).toEqual(
      ['click', 'impression', 'none', 'named', 'named'].map((how) => CREDIT_REASONS[how as 'click']),
    )
    expect((await explain(6)).credit).toBeNull()
  })

  it.each(['browser first', 'server first'])(
    'joins the journey of the browser and the click that the server was told of: %s',
    async (order) => {
      const made = await collector.admin('POST', '/v1/keys', { role: 'server', site: 'shop' })
      const { key } = (await made.json()) as { key: string }
      await send(wireEventOf({ n: 7, occurredAt: NOON - 2 * DAY, placement: 'top' }))
      // By its own clock the page saw the same click a second later.
      const fromBrowser = () =>
        send(
          conversion(1, [touch('impression', 5, { id: 'seen' }), touch('click', 2, { id: idNumber(7), at: NOON - 2 * DAY + 1_000 })], {
            orderId: 'A-1',
          }),
        )
      const fromServer = async () => {
        const response = await collector.app.request('/v1/conversions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            events: [{ type: 'purchase', orderId: 'A-1', value: '499.00', currency: 'NOK', clickId: idNumber(7), occurredAt: NOON }],
          }),
        })
        expect(response.status).toBe(202)
      }
      const both = order === 'browser first' ? [fromBrowser, fromServer] : [fromServer, fromBrowser]
      for (const report of both) await report()
      await fromBrowser()
      // The page of thanks, loaded again.
      await send(conversion(9, [touch('click', 1, { id: 'newer' })], { orderId: 'A-1' }))
      const { events } = (await get('/v1/events?site=shop&orderId=A-1')).body as unknown as { events: { id: string }[] }
      const { credit, history, witness } = (await get(`/v1/events/${events[0]?.id}/explain`)).body as never as Awaited<
        ReturnType<typeof explain>
      >
      expect(witness.code).toBe('both')
      expect(credit.touches.map(({ id, reason, won }: never) => [id, reason, won])).toEqual([
        ['seen', 'out_of_window', false],
        [idNumber(7), 'last_click', true],
      ])
      expect(credit).toMatchObject({ campaign: 'spring', how: 'click', differs: null })
      expect(history).toHaveLength(2)
    },
  )

  it('keeps the credit that was given when windows change later, and says so', async () => {
    await put('spring')
    await put('autumn')
    await terms('spring', { pays: PAYS, windows: { clickDays: 5, viewDays: 1 } })
    await send(conversion(1, [touch('click', 4, { id: 'autumn', campaign: 'autumn' }), touch('click', 3, { id: 'spring' })]))
    await send(conversion(2, [touch('click', 6, { id: 'wide' })]))
    // For the past, too: these are the windows that now held when it occurred.
    await terms('spring', { pays: PAYS, windows: { clickDays: 2, viewDays: 1 } })
    const shorter = (await explain(1)).credit
    expect(shorter).toMatchObject({ campaign: 'spring', how: 'click' })
    expect(shorter.differs).toContain('to campaign "autumn" by the last click')
    expect(shorter.touches.map(({ id, reason, inWindow }: never) => [id, reason, inWindow])).toEqual([
      ['autumn', 'earlier_click', true],
      ['spring', 'last_click', false],
    ])
    await terms('spring', { pays: PAYS, windows: { clickDays: 30, viewDays: 1 } })
    const longer = (await explain(2)).credit
    expect(longer).toMatchObject({ campaign: null, how: 'none', touches: [{ reason: 'frozen', inWindow: true, won: false }] })
    expect(longer.differs).toContain('to campaign "spring"')
    expect((await explain(1)).credit.differs).toBeNull()
  })

  it('names terms, rates and every reason not to be billed', async () => {
    await put('spring', { timeZone: 'Europe/Oslo' })
    await terms('spring', { from: new Date(NOON - 5 * DAY).toISOString(), pays: PAYS })
    await terms('spring', { from: new Date(NOON - 2 * DAY).toISOString(), pays: [{ model: 'cpc', rate: '3.00' }] })
    await terms('spring', { from: new Date(NOON - DAY).toISOString(), pays: PAYS, status: 'paused' })
    await put('tight')
    await terms('tight', { pays: [{ model: 'cpc', rate: '2.00' }], budget: { total: '2.00', monthly: null, daily: null } })
    const at = (n: number, daysBefore: number, change: object = {}) => purchaseOf({ n, occurredAt: NOON - daysBefore * DAY, ...change })
    await collector.store.append([
      at(1, 4),
      at(2, 4, { currency: 'USD' }),
      at(3, 6),
      at(4, 1.5),
      at(5, 0.5),
      at(6, 4, { campaign: '' }),
      at(7, 4, { campaign: 'unknown' }),
      at(8, 4, { verdict: 'bot' }),
      ledgerEventOf({ n: 9, campaign: 'tight', occurredAt: NOON - 1_000 }),
      ledgerEventOf({ n: 10, campaign: 'tight', occurredAt: NOON - 500 }),
      ledgerEventOf({ n: 11, occurredAt: NOON - 1.5 * DAY }),
    ])
    const codes = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(async (n) => (await explain(n)).billing.code))
    expect(codes).toEqual([
      'billed',
      'other_currency',
      'no_terms',
      'not_paid',
      'paused',
      'no_campaign',
      'not_set_up',
      'not_counted',
      'billed',
      'budget',
      'billed',
    ])
    expect(new Set(codes)).toEqual(new Set(Object.keys(BILLING_REASONS)))
    expect((await explain(1)).billing).toEqual({
      code: 'billed',
      why: BILLING_REASONS.billed,
      terms: {
        version: 1,
        from: new Date(NOON - 5 * DAY).toISOString(),
        status: 'active',
        currency: 'NOK',
        pays: [{ model: 'cps', share: '0.10' }],
      },
    })
    expect((await explain(11)).billing.terms).toMatchObject({ version: 2, pays: [{ model: 'cpc', rate: '3.00' }] })
  })

  it('shows witnesses, conflicts and every row of the history', async () => {
    const order = purchaseOf({ n: 1, orderId: 'A-1', receivedAt: NOON })
    await collector.store.append([order])
    await collector.store.append([
      purchaseOf({ n: 2, orderId: 'A-1', valueMinor: 44_900, witness: 'server', receivedAt: NOON + 5_000, campaign: 'autumn' }),
    ])
    await collector.store.append([
      purchaseOf({ n: 3, orderId: 'A-1', valueMinor: 99, tags: { placement: 'top' }, receivedAt: NOON + 9_000 }),
    ])
    const told = await explain(1)
    expect(told.event).toMatchObject({
      id: idNumber(1),
      orderId: 'A-1',
      campaign: 'autumn',
      valueMinor: 44_900,
      receivedAt: new Date(NOON).toISOString(),
    })
    expect(told.witness.code).toBe('both')
    expect(told.conflicts.map(({ field, said, by }: never) => [field, said, by])).toEqual([
      ['value', '49900 NOK', 'browser'],
      ['campaign', 'spring', 'browser'],
      ['value', '99 NOK', 'browser'],
    ])
    expect(
      told.history.map(({ seq, replaces, valueMinor, witness, changed }: never) => [seq, replaces, valueMinor, witness, changed]),
    ).toEqual([
      [1, null, 49_900, 'browser', []],
      [2, 1, 44_900, 'both', ['witness', 'campaign', 'value', 'evidence']],
      [3, 2, 44_900, 'both', ['tags', 'evidence']],
    ])
    expect(told.history.map(({ receivedAt }: never) => receivedAt)).toEqual(
      [0, 5_000, 9_000].map((ms) => new Date(NOON + ms).toISOString()),
    )
    expect(JSON.stringify(told)).not.toContain('visitor')
  })

  it('keeps the key of the visitor to itself', async () => {
    await send(wireEventOf({ n: 1 }))
    expect((await collector.store.event(idNumber(1)))?.evidence.visitor).toBeTypeOf('string')
    expect(JSON.stringify(await explain(1))).not.toContain('visitor":')
  })

  it('is for those with a token, and names the fix for an id that is none', async () => {
    expect((await collector.app.request(`/v1/events/${idNumber(1)}/explain`)).status).toBe(401)
    expect((await collector.app.request('/v1/events?site=shop&orderId=A-1')).status).toBe(401)
    expect(await get(`/v1/events/${idNumber(1)}/explain`)).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: expect.stringContaining('orderId=') } },
    })
    expect(await get('/v1/events/A-1/explain')).toMatchObject({
      status: 422,
      body: { error: { code: 'invalid_filter', field: 'id', message: expect.stringContaining('UUID') } },
    })
  })

  it('takes an id in capitals', async () => {
    await collector.store.append([ledgerEventOf({ n: 0xabc })])
    expect((await get(`/v1/events/${idNumber(0xabc).toUpperCase()}/explain`)).status).toBe(200)
  })
})

describe('events by order or lead', () => {
  it('gives the id and where it is explained', async () => {
    await collector.store.append([
      purchaseOf({ n: 1, orderId: 'A/1 ?' }),
      ledgerEventOf({ n: 2, type: 'signup', evidence: { leadId: 'L-1' } }),
    ])
    const answer = (n: number) => ({ events: [{ id: idNumber(n), explain: `/v1/events/${idNumber(n)}/explain` }] })
    expect((await get(`/v1/events?site=shop&orderId=${encodeURIComponent('A/1 ?')}`)).body).toEqual(answer(1))
    expect((await get('/v1/events?site=shop&leadId=L-1')).body).toEqual(answer(2))
    expect((await get('/v1/events?site=shop&orderId=L-1')).body).toEqual({ events: [] })
  })

  it.each([
    ['orderId=A-1', 'site'],
    ['site=nowhere&orderId=A-1', 'site'],
    ['site=shop', 'orderId'],
    ['site=shop&orderId=', 'orderId'],
    ['site=shop&orderId=A-1&leadId=L-1', 'orderId'],
    ['site=shop&order=A-1', 'order'],
  ])('%s: 422 for %s', async (query, field) => {
    expect(await get(`/v1/events?${query}`)).toMatchObject({ status: 422, body: { error: { code: 'invalid_filter', field } } })
  })
})
