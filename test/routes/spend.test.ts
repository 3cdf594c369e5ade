import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestCollector, TOKEN, testCollector } from '../support/collector.ts'
import { ledgerEventOf, NOON, purchaseOf } from '../support/events.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
  await collector.admin('PUT', '/v1/campaigns/spring', { currency: 'NOK', timeZone: 'Europe/Oslo' })
})
afterEach(() => collector.destroy())

const google = { source: 'google', campaign: 'spring', day: '2026-11-23', amount: '120.50', currency: 'NOK' }
const send = (...spend: unknown[]) => collector.admin('POST', '/v1/spend', { spend })
const list = async (query = '') => (await collector.admin('GET', `/v1/spend?${query}`)).json()

async function sendCsv(body: BodyInit, query = '') {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/csv; charset=utf-8' }
  const response = await collector.app.request(`/v1/spend?${query}`, { method: 'POST', headers, body })
  return { status: response.status, ...(await response.json()) }
}

describe('POST /v1/spend', () => {
  it('takes a row once, knows it again however it is written, and corrects it later', async () => {
    const outcome = async (row: unknown) => {
      const response = await send(row)
      const { outcomes, ...counts } = await response.json()
      expect(response.status).toBe(200)
      return [outcomes, counts]
    }
    const none = { accepted: 0, unchanged: 0, corrected: 0, rejected: [] }
    expect(await outcome(google)).toEqual([['accepted'], { ...none, accepted: 1 }])
    const versions = (await collector.store.config()).length
    expect(await outcome(google)).toEqual([['unchanged'], { ...none, unchanged: 1 }])
    expect(await outcome({ ...google, amount: 120.5, currency: 'nok', source: ' google ' })).toEqual([
      ['unchanged'],
      { ...none, unchanged: 1 },
    ])
    expect((await collector.store.config()).length).toBe(versions)
    expect(await outcome({ ...google, amount: '99', clicks: 812 })).toEqual([['corrected'], { ...none, corrected: 1 }])
    for (const change of [{ conversions: 1 }, { conversions: 1.5 }, { impressions: 9 }]) {
      expect((await outcome({ ...google, amount: '99', clicks: 812, ...change }))[0]).toEqual(['corrected'])
    }
    expect(await list()).toEqual({ spend: [{ ...google, amount: '99', clicks: 812, impressions: 9 }], next: null })
  })

  it('keeps days, sources, campaigns and currencies apart', async () => {
    const others = [{ day: '2026-11-24' }, { source: 'facebook' }, { campaign: 'autumn' }, { currency: 'EUR' }]
    expect(await (await send(google, ...others.map((change) => ({ ...google, ...change })))).json()).toMatchObject({ accepted: 5 })
    expect((await list()).spend).toHaveLength(5)
  })

  it('makes one version of the configuration of one request', async () => {
    const before = (await collector.store.config()).length
    await send(...Array.from({ length: 300 }, (_, n) => ({ ...google, campaign: `c-${n}` })))
    expect((await collector.store.config()).length).toBe(before + 1)
  })

  it('answers two requests of the same at the same time as one import and one repetition, also on a store that takes its time', async () => {
    const slow = await testCollector({
      wrap: (store) => ({
        ...store,
        putConfig: async (version) => {
          await new Promise((resolve) => setImmediate(resolve))
          await store.putConfig(version)
        },
      }),
    })
    try {
      const answers = await Promise.all([1, 2].map(() => slow.admin('POST', '/v1/spend', { spend: [google] })))
      const outcomes = await Promise.all(answers.map(async (answer) => (await answer.json()).outcomes[0]))
      expect(outcomes.sort()).toEqual(['accepted', 'unchanged'])
    } finally {
      await slow.destroy()
    }
  })

  it.each<[string, object, string, string]>([
    ['no source', { source: undefined }, 'source', 'source is missing'],
    ['a source of blanks', { source: '  ' }, 'source', 'source must be 1 to 128 characters'],
    ['a long campaign', { campaign: 'x'.repeat(129) }, 'campaign', 'campaign must be 1 to 128 characters'],
    ['a campaign that is a number', { campaign: 7 }, 'campaign', 'campaign must be a string'],
    ['no day', { day: undefined }, 'day', 'day is missing'],
    ['a day that is not there', { day: '2026-02-30' }, 'day', 'day must be a day like 2026-11-01'],
    ['an American day', { day: '11/23/2026' }, 'day', 'day must be a day like 2026-11-01'],
    ['a day to come', { day: '2026-11-26' }, 'day', 'day must be from 2000-01-01 to today, not 2026-11-26'],
    ['a day of the last century', { day: '1926-11-23' }, 'day', 'day must be from 2000-01-01 to today, not 1926-11-23'],
    ['no amount', { amount: '' }, 'amount', 'amount is missing'],
    ['a negative amount', { amount: '-1' }, 'amount', 'amount must not be negative; send the day again with what it cost in the end'],
    ['an amount with a comma', { amount: '1,5' }, 'amount', 'amount must be a decimal string like "120.50"'],
    ['too many decimals', { amount: '1.505' }, 'amount', 'amount must have at most 2 decimals in NOK'],
    ['decimals of a currency without', { amount: '1.5', currency: 'JPY' }, 'amount', 'amount must have at most 0 decimals in JPY'],
    ['a number that no øre is', { amount: 1.505 }, 'amount', 'amount must have at most 2 decimals in NOK'],
    ['a billion', { amount: '1000000000' }, 'amount', 'amount must be below 1000000000'],
    ['an unknown currency', { currency: 'KR' }, 'currency', 'currency must be an ISO 4217 code like "NOK", not "KR"'],
    ['half a click', { clicks: 0.5 }, 'clicks', 'clicks must be a whole number from 0 to 100000000000'],
    ['too many clicks', { clicks: 1e11 + 1 }, 'clicks', 'clicks must be a whole number from 0 to 100000000000'],
    ['fewer than no impressions', { impressions: -1 }, 'impressions', 'impressions must be a whole number from 0 to 100000000000'],
    ['conversions in words', { conversions: 'three' }, 'conversions', 'conversions must be a number from 0 to 100000000000'],
  ])('rejects %s and takes its neighbours', async (_name, change, field, message) => {
    const response = await send({ ...google, day: '2026-11-22' }, { ...google, ...change })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      accepted: 1,
      unchanged: 0,
      corrected: 0,
      rejected: [{ index: 1, code: 'invalid_spend', field, message }],
      outcomes: ['accepted', 'rejected'],
    })
    expect((await list()).spend).toHaveLength(1)
  })

  it('rejects what is no row', async () => {
    const response = await send(google, null, [], 'row')
    expect((await response.json()).rejected.map(({ field, message }: Record<string, unknown>) => [field, message])).toEqual(
      Array(3).fill(['spend', 'spend must be an object']),
    )
  })

  it('takes none of two rows of one key: they may be parts of a sum', async () => {
    const response = await send(google, { ...google, day: '2026-11-22' }, { ...google, amount: 'much' }, { ...google, amount: '1.00' })
    const { accepted, rejected } = await response.json()
    expect([accepted, ...rejected.map(({ index, code }: Record<string, unknown>) => [index, code])]).toEqual([
      1,
      [0, 'conflict'],
      [2, 'invalid_spend'],
      [3, 'conflict'],
    ])
    expect(rejected[0].message).toBe('there are 2 rows of google, spring, 2026-11-23, NOK; send one with their sum')
  })

  it('answers 422 with the first reason when it can take nothing', async () => {
    const response = await send({ ...google, amount: 'much' })
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      error: { code: 'invalid_spend', field: 'amount', docs: '/docs/errors#invalid_spend' },
      rejected: [{ index: 0 }],
    })
  })

  it.each<[string, () => Promise<Response>, number, string]>([
    ['a body that is no JSON', async () => raw('{'), 400, 'invalid_json'],
    ['a body without spend', async () => collector.admin('POST', '/v1/spend', {}), 422, 'invalid_request'],
    ['a body that is null', async () => raw('null'), 422, 'invalid_request'],
    ['an empty list', async () => send(), 422, 'empty_batch'],
    ['10,001 rows', async () => send(...Array(10_001).fill(0)), 413, 'batch_too_large'],
    ['2 MiB and a byte', async () => raw(' '.repeat(2_097_153)), 413, 'too_large'],
    ['XML', async () => raw('<spend/>', 'text/xml'), 415, 'unsupported_media_type'],
    ['a parameter', async () => collector.admin('POST', '/v1/spend?source=google', { spend: [google] }), 422, 'invalid_filter'],
  ])('refuses %s', async (_name, request, status, code) => {
    const response = await request()
    expect([response.status, (await response.json()).error.code]).toEqual([status, code])
  })
  const raw = (body: string, type = 'application/json') =>
    collector.app.request('/v1/spend', { method: 'POST', body, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': type } })

  it.each(['/v1/spend', '/v1/rates', '/v1/discrepancies'])('lets nobody in at %s without the admin token', async (path) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const response = await collector.app.request(path, { method, headers: { authorization: 'Bearer guess' } })
      expect([response.status, (await response.json()).error.code]).toEqual([401, 'bad_token'])
    }
  })
})

const HEAD = 'source,campaign,day,amount,currency,clicks,impressions,conversions'

describe('POST /v1/spend with CSV', () => {
  it('takes rows in any order of columns, with marks, quotes and line ends as they come', async () => {
    const files = [
      `${HEAD}\r\ngoogle,spring,2026-11-23,120.50,NOK,812,40100,3\r\n`,
      `\ufeff"day","campaign","source","currency","amount","clicks","impressions","conversions"\n"2026-11-23","spring","google","NOK","120.50","812","40,100","3.00"`,
      `DAY;Campaign;Source;Currency;Amount;Clicks;Impressions;Conversions\r2026-11-23;spring;google;nok;120,50;812;40 100;3,0\r\r`,
      `${HEAD.replaceAll(',', '\t')}\n\ngoogle\tspring\t2026-11-23\t120.5\tNOK\t812\t40100\t3\n`,
    ]
    expect(await sendCsv(files[0] ?? '')).toMatchObject({ status: 200, accepted: 1, rejected: [], sums: 0 })
    for (const file of files.slice(1)) expect(await sendCsv(file)).toMatchObject({ unchanged: 1, rejected: [] })
    expect((await list()).spend).toEqual([{ ...google, clicks: 812, impressions: 40_100, conversions: 3 }])
  })

  it('takes the report of Google Ads as it is downloaded', async () => {
    const report = [
      'Campaign report',
      '"November 1, 2026 - November 23, 2026"',
      'Campaign,Day,Currency code,Cost,Clicks,Impr.,CTR,Conversions',
      'spring,2026-11-22,NOK,"1,250.00",245,"5,420",4.52%,1.50',
      '"Autumn, all of it",2026-11-23,NOK,980.5,180,"5,607",3.21%, --',
      'Total: Account,,NOK,"2,230.50",425,"11,027",3.85%,1.50',
    ].join('\n')
    expect(await sendCsv(report, 'source=google')).toMatchObject({ accepted: 2, rejected: [], sums: 1 })
    const byTabs = report.replaceAll(/,(?=(?:[^"\n]*"[^"\n]*")*[^"\n]*$)/gm, '\t')
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(byTabs, 'utf16le')])
    expect(await sendCsv(utf16, 'source=google')).toMatchObject({ unchanged: 2 })
    expect((await list()).spend).toEqual([
      {
        source: 'google',
        campaign: 'spring',
        day: '2026-11-22',
        amount: '1250.00',
        currency: 'NOK',
        clicks: 245,
        impressions: 5_420,
        conversions: 1.5,
      },
      {
        source: 'google',
        campaign: 'Autumn, all of it',
        day: '2026-11-23',
        amount: '980.5',
        currency: 'NOK',
        clicks: 180,
        impressions: 5_607,
      },
    ])
  })

  it('takes the report of Meta as it is downloaded', async () => {
    const report = [
      '"Reporting starts","Reporting ends","Campaign name","Amount spent (EUR)","Impressions","Clicks (all)","Link clicks","Results","Purchases"',
      '2026-11-22,2026-11-23,,700.25,30000,900,700,700,5',
      '2026-11-22,2026-11-22,spring,300.25,10000,400,300,300,2',
      '2026-11-23,2026-11-23,spring,400,20000,500,400,400,3',
      '2026-11-22,2026-11-23,spring,700.25,30000,900,700,700,5',
    ].join('\r\n')
    const { rejected, ...rest } = await sendCsv(report, 'source=facebook')
    expect(rest).toMatchObject({ status: 200, accepted: 2 })
    expect(rejected.map(({ line, field, message }: Record<string, unknown>) => [line, field, message])).toEqual([
      [2, 'day', 'line 2: day is 2026-11-22 to 2026-11-23; export the report by day'],
      [5, 'day', 'line 5: day is 2026-11-22 to 2026-11-23; export the report by day'],
    ])
    const one = report
      .split('\r\n')
      .filter((line) => !line.includes('700.25'))
      .join('\n')
    expect(await sendCsv(one, 'source=facebook&currency=NOK')).toMatchObject({ unchanged: 2 }) // the file knows better
    expect((await list('to=2026-11-22')).spend).toEqual([
      {
        source: 'facebook',
        campaign: 'spring',
        day: '2026-11-22',
        amount: '300.25',
        currency: 'EUR',
        clicks: 300,
        impressions: 10_000,
        conversions: 2,
      },
    ])
  })

  it('names line and field of a row that it rejects', async () => {
    const body = `${HEAD}\n"goo\ngle",spring,2026-11-23,1,NOK,1,1,1\ngoogle,spring,2026-11-23,12O,NOK,1,1,1\ngoogle,spring,2026-11-23\ngoogle,spring,2026-11-22,1,NOK,x,1,1`
    const { accepted, rejected } = await sendCsv(body)
    expect([
      accepted,
      ...rejected.map(({ index, line, field, message }: Record<string, unknown>) => [index, line, field, message]),
    ]).toEqual([
      1,
      [1, 4, 'amount', 'line 4: amount must be a decimal string like "120.50"'],
      [2, 5, 'row', 'line 5: has 3 cells where the header has 8; a cell with "," in it needs quotes'],
      [3, 6, 'clicks', 'line 6: clicks must be a whole number from 0 to 100000000000'],
    ])
  })

  it.each([
    ['', 'line 1: there is no header row; it names the columns source, campaign, day, amount, currency'],
    ['google,spring,2026-11-23,1,NOK', 'line 1: there is no header row; it names the columns source, campaign, day, amount, currency'],
    ['\n\nsource,campaign,day,currency\n', 'line 3: there is no column "amount" or "cost" or "amount spent"'],
    ['campaign,day,amount,currency\n', 'line 1: there is no column "source"'],
    [`${HEAD}\ngoogle,"spring`, 'line 2: a quote that opens here is never closed'],
    [
      `${HEAD}\ngoogle,"spring"!,2026-11-23,1,NOK,1,1,1`,
      'line 2: behind a closing quote must come a separator or the end of the line; write a quote in a cell as ""',
    ],
    [new Uint8Array([0x66, 0xf8, 0x72]), 'the file must be text in UTF-8; in a spreadsheet, save it as "CSV UTF-8"'],
  ])('refuses the whole of %j', async (body, message) => {
    expect(await sendCsv(body as BodyInit)).toEqual({
      status: 422,
      error: { code: 'invalid_csv', field: 'body', message, docs: '/docs/errors#invalid_csv' },
    })
    expect((await list()).spend).toEqual([])
  })

  it('refuses a file without rows, and one that is packed', async () => {
    expect(await sendCsv(HEAD)).toMatchObject({ status: 422, error: { code: 'empty_batch' } })
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'text/csv', 'content-encoding': 'gzip' }
    expect((await collector.app.request('/v1/spend', { method: 'POST', headers, body: HEAD })).status).toBe(415)
  })
})

describe('GET /v1/spend', () => {
  const days = ['2026-11-20', '2026-11-21', '2026-11-22']
  beforeEach(() => send(...days.flatMap((day) => ['spring', '=autumn'].map((campaign) => ({ ...google, campaign, day })))))

  it('filters by campaign, source and days', async () => {
    const found = async (query: string) =>
      (await list(query)).spend.map(({ day, campaign }: Record<string, unknown>) => `${day} ${campaign}`)
    expect(await found('campaign=spring')).toEqual(days.map((day) => `${day} spring`))
    expect(await found('from=2026-11-21&to=2026-11-21')).toEqual(['2026-11-21 =autumn', '2026-11-21 spring'])
    expect(await found('source=facebook')).toEqual([])
  })

  it('gives pages that hold each row once, whatever comes between', async () => {
    const first = await list('limit=4')
    await send({ ...google, day: '2026-11-01' })
    const second = await list(`limit=4&after=${first.next}`)
    expect([first.spend.length, second.spend.length, second.next]).toEqual([4, 2, null])
    expect(new Set([...first.spend, ...second.spend].map(({ day, campaign }) => `${day} ${campaign}`)).size).toBe(6)
  })

  it('gives CSV, without formulas, that can be imported again', async () => {
    const response = await collector.admin('GET', '/v1/spend?format=csv')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tallymark-spend.csv"')
    const text = await response.text()
    expect(text.split('\r\n')[1]).toBe("google,'=autumn,2026-11-20,120.50,NOK,,,")
    expect(await sendCsv(text)).toMatchObject({ unchanged: 6, rejected: [] })
  })

  it.each([
    ['from=yesterday', 'from'],
    ['to=2026-02-30', 'to'],
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['after=x', 'after'],
    [`after=${Buffer.from('[1,2,3,4]').toString('base64url')}`, 'after'],
    ['format=xml', 'format'],
    ['format=csv&limit=5', 'limit'],
    ['day=2026-11-20', 'day'],
  ])('refuses %s', async (query, field) => {
    const response = await collector.admin('GET', `/v1/spend?${query}`)
    const { error } = await response.json()
    expect([response.status, error.code, error.field]).toEqual([422, 'invalid_filter', field])
  })
})

describe('/v1/rates', () => {
  const usd = { day: '2026-11-01', from: 'USD', to: 'NOK', rate: '10.9312' }
  const put = (...rates: unknown[]) => collector.admin('PUT', '/v1/rates', { rates })

  it('takes rates, knows them again and corrects them', async () => {
    expect(await (await put(usd, { ...usd, from: 'EUR', rate: '11.8' })).json()).toEqual({ accepted: 2, corrected: 0, unchanged: 0 })
    const versions = (await collector.store.config()).length
    expect(await (await put({ ...usd, rate: '010.93120' })).json()).toEqual({ accepted: 0, corrected: 0, unchanged: 1 })
    expect((await collector.store.config()).length).toBe(versions)
    expect(await (await put({ ...usd, rate: '11' }, { ...usd, day: '2026-11-02' })).json()).toEqual({
      accepted: 1,
      corrected: 1,
      unchanged: 0,
    })
    expect(await (await collector.admin('GET', '/v1/rates')).json()).toEqual({
      rates: [
        { ...usd, from: 'EUR', rate: '11.8' },
        { ...usd, rate: '11' },
        { ...usd, day: '2026-11-02' },
      ],
      next: null,
    })
    const page = await (await collector.admin('GET', '/v1/rates?limit=2')).json()
    expect((await (await collector.admin('GET', `/v1/rates?limit=2&after=${page.next}`)).json()).rates).toEqual([
      { ...usd, day: '2026-11-02' },
    ])
  })

  it.each([
    [{ rate: '0.00' }, 'rates[0].rate'],
    [{ rate: 10.9 }, 'rates[0].rate'],
    [{ rate: '-1' }, 'rates[0].rate'],
    [{ rate: '1.0000000000001' }, 'rates[0].rate'],
    [{ day: '2026-13-01' }, 'rates[0].day'],
    [{ from: 'XXZ' }, 'rates[0].from'],
    [{ to: 'USD' }, 'rates[0].to'],
  ])('refuses a rate with %j, and all that came with it', async (change, field) => {
    const response = await put({ ...usd, ...change }, { ...usd, day: '2026-11-02' })
    const { error } = await response.json()
    expect([response.status, error.code, error.field]).toEqual([422, 'invalid_request', field])
    expect((await (await collector.admin('GET', '/v1/rates')).json()).rates).toEqual([])
  })

  it('refuses two rates for one day, none at all, and unknown parameters', async () => {
    expect((await (await put(usd, { ...usd, rate: '11' })).json()).error).toMatchObject({ code: 'invalid_request', field: 'rates[1]' })
    expect((await (await put()).json()).error).toMatchObject({ code: 'invalid_request', field: 'rates' })
    expect((await (await collector.admin('GET', '/v1/rates?from=USD')).json()).error).toMatchObject({
      code: 'invalid_filter',
      field: 'from',
    })
  })
})

describe('GET /v1/results', () => {
  const DAY = 86_400_000
  const tags = { source: 'google' }
  beforeEach(() =>
    collector.store.append([
      ...Array.from({ length: 4 }, (_, n) => ledgerEventOf({ n, tags, occurredAt: NOON - DAY + n })),
      ledgerEventOf({ n: 10, tags }),
      ledgerEventOf({ n: 11, tags, type: 'signup' }),
      ledgerEventOf({ n: 12 }),
      purchaseOf({ n: 13, tags, orderId: 'A-1' }),
    ]),
  )
  const figures = async (query: string) => {
    const { query: asked, rows } = await collector.results(query)
    return rows.map((row: Record<string, unknown>) => [
      ...asked.by.map((name: string) => row[name]),
      row.clicks,
      ...['spendMinor', 'spendCurrency', 'spendRoas', 'spendCpc', 'spendCpl', 'spendCps'].map((name) => row[name]),
    ])
  }
  const none = Array(6).fill(undefined)

  it('shows return and cost per result beside campaign, day and source, and what was spent for nothing', async () => {
    await send(google, { ...google, day: '2026-11-24', amount: '10.00' }, { ...google, source: 'bing', amount: '7' })
    expect(await figures('by=campaign')).toEqual([['spring', 6, 13_750, 'NOK', 3.629091, 2_291.666667, 13_750, 13_750]])
    expect(await figures('by=day')).toEqual([
      ['2026-11-23', 4, 12_750, 'NOK', 0, 3_187.5, null, null],
      ['2026-11-24', 2, 1_000, 'NOK', 49.9, 500, 1_000, 1_000],
    ])
    expect(await figures('by=source,day')).toEqual([
      [null, '2026-11-24', 1, ...none],
      ['bing', '2026-11-23', 0, 700, 'NOK', 0, null, null, null],
      ['google', '2026-11-23', 4, 12_050, 'NOK', 0, 3_012.5, null, null],
      ['google', '2026-11-24', 1, 1_000, 'NOK', 49.9, 1_000, 1_000, 1_000],
    ])
    expect((await collector.results('source=google')).totals).toMatchObject({ clicks: 5, spendMinor: 13_050, spendCpc: 2_610 })
    expect((await collector.results('by=&to=2026-11-23')).rows).toMatchObject([{ clicks: 4, spendMinor: 12_750 }])
  })

  it.each(['by=site', 'by=campaign,medium', 'placement=(none)', 'site=shop', 'campaign=autumn', 'source=(none)', 'to=2026-11-22'])(
    'says nothing of spend to %s',
    async (query) => {
      await send(google)
      const answer = await collector.results(query)
      expect(JSON.stringify(answer)).not.toContain('spend')
    },
  )

  it('has columns for it in CSV where there is any', async () => {
    const csv = async () => (await collector.admin('GET', '/v1/results?format=csv')).text()
    expect(await csv()).not.toContain('spend')
    await send(google, { ...google, currency: 'USD', amount: '1.00' })
    const [head = '', row = ''] = (await csv()).split('\r\n')
    expect(head).toMatch(/,roas,spendMinor,spendCurrency,otherSpendMinor,spendRoas,spendCpc,spendCpl,spendCps$/)
    expect(row).toMatch(/,12050,NOK,"{""USD"":100}",,,,$/)
  })

  it('keeps currencies apart, and gives no ratio of a part', async () => {
    await send({ ...google, amount: '10.00', currency: 'USD' })
    const row = async (query = '') => (await collector.results(query)).rows[0]
    expect(await row()).toMatchObject({ spendMinor: 1_000, spendCurrency: 'USD', spendRoas: null, spendCpc: 166.666667 })
    await send(google)
    expect(await row()).toMatchObject({
      spendMinor: 12_050,
      spendCurrency: 'NOK',
      otherSpendMinor: { USD: 1_000 },
      spendRoas: null,
      spendCpc: null,
    })
    expect((await collector.results('')).conversion).toBeUndefined()
  })

  it("converts at the day's rate when asked, names the rates, and says what it could not convert", async () => {
    await send(
      { ...google, amount: '10.00', currency: 'USD', day: '2026-11-20' },
      { ...google, amount: '0.05', currency: 'USD', day: '2026-11-22' },
      { ...google, amount: '10.00', currency: 'USD', day: '2026-11-24' },
      google,
    )
    const asked = async () => collector.results('currency=NOK')
    const before = await asked()
    expect(before.rows[0]).toMatchObject({ spendMinor: 12_050, spendCurrency: 'NOK', otherSpendMinor: { USD: 2_005 }, spendRoas: null })
    expect(before.conversion).toEqual({ to: 'NOK', rates: [], missing: [{ from: 'USD', firstDay: '2026-11-20', lastDay: '2026-11-24' }] })

    const rates = [
      { day: '2026-11-21', from: 'USD', to: 'NOK', rate: '10.5' },
      { day: '2026-11-24', from: 'USD', to: 'NOK', rate: '11' },
      { day: '2026-11-01', from: 'NOK', to: 'USD', rate: '0.1' },
    ]
    await collector.admin('PUT', '/v1/rates', { rates })
    const after = await asked()
    // 5 cents x 10.5 = 52.5 øre, which is 52.
    expect(after.rows[0]).toMatchObject({ spendMinor: 12_050 + 52 + 11_000, otherSpendMinor: { USD: 1_000 }, spendCpc: null })
    expect(after.totals).toMatchObject({ spendMinor: 12_050 + 52 + 11_000, otherSpendMinor: { USD: 1_000 } })
    expect(after.conversion).toEqual({
      to: 'NOK',
      rates: rates.slice(0, 2),
      missing: [{ from: 'USD', firstDay: '2026-11-20', lastDay: '2026-11-20' }],
    })
    const none = (await collector.results('currency=JPY')).rows[0]
    expect(none).toMatchObject({ spendMinor: null, spendCurrency: null, otherSpendMinor: { NOK: 12_050, USD: 3_005 - 1_000 } })
  })

  it('refuses a currency that there is not', async () => {
    const response = await collector.admin('GET', '/v1/results?currency=KR')
    expect([response.status, (await response.json()).error]).toEqual([
      422,
      expect.objectContaining({ code: 'invalid_filter', field: 'currency' }),
    ])
  })

  it('refuses a sum that JSON cannot hold exactly, until the rate is corrected', async () => {
    await send({ ...google, amount: '999999999.99', currency: 'USD' })
    await collector.admin('PUT', '/v1/rates', { rates: [{ day: '2026-11-01', from: 'USD', to: 'NOK', rate: '109312' }] })
    const response = await collector.admin('GET', '/v1/results?currency=NOK')
    expect([response.status, (await response.json()).error]).toEqual([422, expect.objectContaining({ code: 'range_too_large' })])
    await collector.admin('PUT', '/v1/rates', { rates: [{ day: '2026-11-01', from: 'USD', to: 'NOK', rate: '10.9312' }] })
    expect((await collector.results('currency=NOK')).totals.spendMinor).toBe(1_093_119_999_989)
  })

  it('lays spend beside the rows of its own campaign, where those of others are in another currency', async () => {
    await collector.admin('PUT', '/v1/campaigns/autumn', { currency: 'EUR' })
    await collector.store.append([ledgerEventOf({ n: 50, campaign: 'autumn', tags }), ledgerEventOf({ n: 51, campaign: '', tags })])
    await send(google, { ...google, campaign: 'autumn', amount: '3.00' })
    const { rows, totals } = await collector.results('by=source&from=2026-11-23')
    const google_ = rows.filter(({ source }: Record<string, unknown>) => source === 'google')
    expect(google_.map((row: Record<string, unknown>) => [row.currency, row.clicks, row.spendMinor, row.spendCurrency])).toEqual([
      [null, 1, undefined, undefined],
      ['EUR', 1, 300, 'NOK'],
      ['NOK', 5, 12_050, 'NOK'],
    ])
    expect(totals).toMatchObject({ spendMinor: 12_350, spendCurrency: 'NOK', spendRoas: null })
  })

  it('lays spend beside a campaign that is not set up, whatever was bought there', async () => {
    await collector.store.append([purchaseOf({ n: 60, campaign: 'summer', currency: 'EUR' })])
    await send({ ...google, campaign: 'summer', currency: 'USD', amount: '2.00' })
    expect((await collector.results('campaign=summer')).rows).toMatchObject([
      { purchases: 1, revenueMinor: 49_900, currency: 'EUR', spendMinor: 200, spendCurrency: 'USD', spendRoas: null, spendCps: 200 },
    ])
  })

  it('never mixes what a campaign cost with results that no campaign has', async () => {
    await collector.admin('PUT', '/v1/campaigns/autumn', { currency: 'EUR' })
    const day = '2026-11-10'
    await collector.store.append([ledgerEventOf({ n: 70, campaign: '', occurredAt: Date.UTC(2026, 10, 10, 12) })])
    await send({ ...google, campaign: 'autumn', currency: 'EUR', day })
    expect((await figures(`by=day&from=${day}&to=${day}`)).map((row: unknown[]) => row.slice(0, 4))).toEqual([
      [day, 1, undefined, undefined],
      [day, 0, 12_050, 'EUR'],
    ])
  })

  it('shows a campaign that only cost', async () => {
    await send({ ...google, campaign: 'winter' })
    expect(await figures('campaign=winter')).toEqual([['winter', 0, 12_050, 'NOK', 0, null, null, null]])
  })
})

describe('GET /v1/discrepancies', () => {
  const tags = { source: 'google' }
  const at = Date.UTC(2026, 10, 22, 23, 30) // the 23rd in Oslo
  beforeEach(async () => {
    await collector.store.append([
      ...Array.from({ length: 7 }, (_, n) => ledgerEventOf({ n, tags, occurredAt: at + n })),
      ...(['bot', 'bot', 'double_click', 'test'] as const).map((verdict, n) => ledgerEventOf({ n: 20 + n, tags, verdict, occurredAt: at })),
      ledgerEventOf({ n: 30, tags, type: 'impression', occurredAt: at }),
      ledgerEventOf({ n: 31, tags, type: 'impression', occurredAt: at, verdict: 'bot' }),
      ledgerEventOf({ n: 32, tags, type: 'signup', occurredAt: at }),
      purchaseOf({ n: 33, tags, occurredAt: at }),
      ledgerEventOf({ n: 40, tags }),
      ledgerEventOf({ n: 41, tags: { source: 'newsletter' } }),
      ledgerEventOf({ n: 42, tags: { source: 'newsletter' }, verdict: 'bot' }),
      ledgerEventOf({ n: 43, verdict: 'bot' }),
    ])
    await send({ ...google, clicks: 10, impressions: 2, conversions: 2 }, { ...google, currency: 'EUR', clicks: 2 })
  })
  const ask = async (query: string) => (await collector.admin('GET', `/v1/discrepancies?${query}`)).json()

  it('sets the numbers of the platform against ours, with reasons, by source, campaign and day', async () => {
    const { query, rows, totals, notCounted } = await ask('from=2026-11-20&to=2026-11-24')
    expect(query).toEqual({ from: '2026-11-20', to: '2026-11-24', tz: null, asOf: new Date(NOON).toISOString() })
    const alone = (ours: number) => ({ platform: null, ours, difference: null, percent: null })
    const first = {
      clicks: { platform: 12, ours: 7, difference: -5, percent: -41.6667 },
      impressions: { platform: 2, ours: 1, difference: -1, percent: -50 },
      conversions: { platform: 2, ours: 2, difference: 0, percent: 0 },
    }
    const place = { source: 'google', campaign: 'spring' }
    expect(rows).toEqual([
      { ...place, day: '2026-11-23', ...first, notCounted: { bot: 2, double_click: 1, test: 1 } },
      { ...place, day: '2026-11-24', clicks: alone(1), impressions: alone(0), conversions: alone(0), notCounted: {} },
    ])
    expect(totals).toEqual(first)
    expect(notCounted).toEqual({ bot: 2, double_click: 1, test: 1 })
  })

  it('knows days in the zone of the campaign, or the one asked for', async () => {
    const clicks = async (query: string) =>
      (await ask(`from=2026-11-22&to=2026-11-23&${query}`)).rows.map(({ day, clicks }: Record<string, { ours: number }>) => [
        day,
        clicks?.ours,
      ])
    expect(await clicks('')).toEqual([['2026-11-23', 7]])
    expect(await clicks('tz=UTC')).toEqual([
      ['2026-11-22', 7],
      ['2026-11-23', 0],
    ])
  })

  it('filters by campaign and source, and is empty where nothing was bought', async () => {
    expect((await ask('source=google&campaign=spring')).rows).toHaveLength(2)
    for (const query of ['source=newsletter', 'campaign=autumn', 'to=2026-11-22'])
      expect(await ask(query)).toMatchObject({ rows: [], totals: { clicks: { platform: null, ours: 0 } }, notCounted: {} })
  })

  it('is CSV when asked', async () => {
    const response = await collector.admin('GET', '/v1/discrepancies?from=2026-11-23&to=2026-11-23&format=csv')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tallymark-discrepancies-2026-11-23-2026-11-23.csv"')
    expect((await response.text()).split('\r\n').slice(0, 2)).toEqual([
      'source,campaign,day,clicks platform,clicks ours,clicks difference,clicks percent,impressions platform,impressions ours,impressions difference,impressions percent,conversions platform,conversions ours,conversions difference,conversions percent,not counted',
      'google,spring,2026-11-23,12,7,-5,-41.6667,2,1,-1,-50,2,2,0,0,"bot 2, double_click 1, test 1"',
    ])
  })

  it.each([
    ['from=x', 'from'],
    ['medium=cpc', 'medium'],
    ['by=day', 'by'],
    ['format=xml', 'format'],
    ["tz=UTC'--", 'tz'],
    ['from=1990-01-01', 'from'],
  ])('refuses %s', async (query, field) => {
    const { error } = await ask(query)
    expect([error.field, ['invalid_filter', 'range_too_large'].includes(error.code)]).toEqual([field, true])
  })
})
