import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replay } from '../../collector/cli/replay.ts'
import { openRegistry } from '../../collector/registry.ts'
import { type TestCollector, testCollector } from '../support/collector.ts'
import { NOON, wireEventOf } from '../support/events.ts'
import { runCommand } from './direct.ts'

let collector: TestCollector
beforeEach(async () => {
  collector = await testCollector()
})
afterEach(() => collector.destroy())

const failed = (code: string, event: unknown, site = 'shop') => ({
  site,
  code,
  field: '',
  receivedAt: NOON - 60_000,
  body: typeof event === 'string' ? event : JSON.stringify(event),
})
const run = (...args: string[]) => runCommand(replay, { store: collector.store, args })
const outcomes = async (...args: string[]) => JSON.parse((await run('--json', ...args)).stdout).outcomes
const left = async () => (await collector.store.failed({ afterSeq: 0, limit: 100 })).map(({ code }) => code)

describe('tallymark replay', () => {
  it('counts what parses now at the time it came, and takes it from the list', async () => {
    await collector.store.append([], [failed('invalid_event', wireEventOf({ placement: 'top' }))])
    expect(await outcomes()).toEqual([{ code: 'invalid_event', now: 'accepted', reason: '', events: 1 }])
    expect(await collector.store.ledger({ afterSeq: 0, limit: 10 })).toMatchObject([
      { site: 'shop', campaign: 'spring', verdict: 'counted', witness: 'browser', receivedAt: NOON - 60_000, tags: { placement: 'top' } },
    ])
    expect(await left()).toEqual([])
    expect((await run()).stdout).toBe('There are no failed events.\n')
    expect(await collector.store.verify()).toEqual([])
  })

  it('counts once what is counted already', async () => {
    await collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf()] })
    await collector.store.append([], [failed('invalid_event', wireEventOf())])
    expect(await outcomes()).toMatchObject([{ now: 'duplicate', events: 1 }])
    expect(await collector.store.counters()).toMatchObject({ counted: 1, duplicates: 1 })
    expect(await left()).toEqual([])
  })

  it('counts what came before its site was made', async () => {
    await collector.post({ site: 'new-shop', sentAt: NOON, events: [wireEventOf()] })
    expect(await outcomes()).toEqual([{ code: 'unknown_site', now: 'still failing', reason: 'there is no site "new-shop"', events: 1 }])
    const registry = await openRegistry({ store: collector.store, now: () => NOON })
    await registry.putSite('new-shop', { origins: [], allow: [] })
    expect(await outcomes()).toMatchObject([{ code: 'unknown_site', now: 'accepted', events: 1 }])
    expect(await collector.store.ledger({ afterSeq: 0, limit: 10 })).toMatchObject([
      { site: 'new-shop', campaign: 'spring', verdict: 'counted' },
    ])
  })

  it('keeps what still fails, with the reason, in a table', async () => {
    const old = NOON - 9 * 86_400_000
    await collector.store.append(
      [],
      [
        failed('invalid_event', { ...wireEventOf({ n: 1 }), type: 'view' }),
        failed('invalid_event', { ...wireEventOf({ n: 2 }), type: 'view' }),
        failed('invalid_event', wireEventOf({ n: 3 })),
        failed('too_old', wireEventOf({ n: 4, occurredAt: old })),
        failed('too_large', '{"id": "cut of'),
        failed('invalid_json', ''),
        failed('unknown_site', wireEventOf({ n: 5 }), ''),
        failed('invalid_event', wireEventOf({ n: 6 }), 'gone'),
      ],
    )
    const { code, stdout } = await run()
    expect(code).toBe(0)
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['failed with', 'events', 'now', 'reason'],
      ['invalid_event', '2', 'still failing', 'type must be one of impression, click, signup, purchase'],
      ['invalid_event', '1', 'still failing', 'there is no site "gone"'],
      ['invalid_event', '1', 'accepted'],
      ['invalid_json', '1', 'still failing', 'is not JSON'],
      ['too_large', '1', 'still failing', 'only its first 8 KiB are kept'],
      ['too_old', '1', 'still failing', 'occurredAt must be at most 7 days before it came'],
      ['unknown_site', '1', 'still failing', 'its site is not known'],
      [''],
    ])
    expect((await left()).length).toBe(7)
  })

  it('takes what failed for a site that is there now', async () => {
    await collector.store.append([], [failed('invalid_event', wireEventOf(), 'later')])
    expect(await outcomes()).toMatchObject([{ now: 'still failing' }])
    await collector.registry.putSite('later', { name: 'Later', origins: [], allow: [] })
    expect(await outcomes()).toMatchObject([{ now: 'accepted' }])
  })

  it('lets nobody in who was refused for his origin, unless asked to', async () => {
    const refused = await collector.post({ site: 'shop', sentAt: NOON, events: [wireEventOf()] }, { origin: 'https://evil.example' })
    expect(refused.status).toBe(403)
    const { stdout } = await run()
    expect(stdout).toContain('left alone')
    expect(stdout).toContain('--code CODE')
    expect((await collector.store.counters()).counted).toBe(0)
    expect(await outcomes('--code', 'invalid_event')).toMatchObject([{ now: 'left alone' }])
    expect(await outcomes('--code', 'origin_not_allowed')).toMatchObject([{ now: 'accepted' }])
    expect((await collector.store.counters()).counted).toBe(1)
  })

  it('goes over a list of many pages once', async () => {
    const good = Array.from({ length: 700 }, (_, n) => failed('invalid_event', wireEventOf({ n, type: 'impression' })))
    const bad = Array.from({ length: 700 }, () => failed('too_old', '{}'))
    await collector.store.append([], [...good, ...bad])
    expect(await outcomes()).toEqual(
      expect.arrayContaining([
        { code: 'invalid_event', now: 'accepted', reason: '', events: 700 },
        { code: 'too_old', now: 'still failing', reason: 'id is missing', events: 700 },
      ]),
    )
    expect(await left()).toHaveLength(100)
    expect((await collector.store.failed({ afterSeq: 0, limit: 5_000 })).length).toBe(700)
  })
})
