import { expect, test } from 'vitest'
import { joinTags, toTag } from '../../sdk/tags.ts'

test.each([
  ['a', 'a'],
  ['', undefined],
  [7, '7'],
  [0, '0'],
  [false, 'false'],
  [null, undefined],
  [undefined, undefined],
  [{}, undefined],
  [[1], undefined],
  [() => 1, undefined],
  ['x'.repeat(200), 'x'.repeat(128)],
  ['😀'.repeat(200), '😀'.repeat(128)],
])('makes of %s the tag %s', (value, tag) => {
  expect(toTag(value)).toBe(tag)
})

test('lets the first layer win, tag by tag and label by label', () => {
  const tags = joinTags(
    { campaign: 'a', source: '', segment: { plan: 'pro' } },
    { campaign: 'b', source: 's', segment: { plan: 'free', audience: 'new' } },
  )
  expect(tags).toEqual({ campaign: 'a', source: 's', segment: { plan: 'pro', audience: 'new' } })
})

test('keeps 16 labels, those of the first layer', () => {
  const labels = (name: string) => Object.fromEntries(Array.from({ length: 12 }, (_, i) => [name + i, 'x']))
  const segment = joinTags({ segment: labels('own') }, { segment: labels('default') }).segment ?? {}
  expect(Object.keys(segment)).toHaveLength(16)
  expect(Object.keys(segment).slice(0, 12)).toEqual(Object.keys(labels('own')))
})

test('leaves out labels that the collector refuses', () => {
  const segment = JSON.parse('{"__proto__": "a", "constructor": "b", "prototype": "c", "": "d", "plan": "pro", "empty": ""}')
  expect(joinTags({ segment }).segment).toEqual({ plan: 'pro' })
})

test('takes frozen input and leaves it as it is', () => {
  const given = Object.freeze({ campaign: 'a', segment: Object.freeze({ plan: 'pro' }) })
  joinTags(given, { segment: { audience: 'new' } })
  expect(given).toEqual({ campaign: 'a', segment: { plan: 'pro' } })
})
