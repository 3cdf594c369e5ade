import { expect, test } from 'vitest'
import { readUrlTags } from '../../sdk/url-tags.ts'
import { NETWORKS, parseEvent } from '../../sdk/wire.ts'

const click = '0193a6b1-5c1e-7d3a-9f10-2b8e4a6c1d00'

test.each([
  ['', {}],
  ['?a=1', {}],
  [
    '?utm_source=google&utm_medium=cpc&utm_campaign=spring&utm_content=blue&utm_term=running+shoes',
    { source: 'google', medium: 'cpc', campaign: 'spring', content: 'blue', term: 'running shoes' },
  ],
  ['?utm_id=spring', { campaign: 'spring' }],
  ['?utm_campaign=&utm_id=7', { campaign: '7' }],
  ['?utm_campaign=spring&utm_id=7', { campaign: 'spring' }],
  ['?gclid=x', { source: 'gclid' }],
  ['?a=1&ScCid=x', { source: 'ScCid' }],
  ['?xgclid', {}],
  ['?a=gclid', {}],
  ['?fbclid=x&utm_source=newsletter', { source: 'newsletter' }],
  ['?constructor=x&__proto__=y', {}],
  [`?utm_campaign=${'x'.repeat(200)}`, { campaign: 'x'.repeat(128) }],
])('reads %s', (search, tags) => {
  expect(readUrlTags(search)[0]).toEqual(tags)
})

test.each([
  [`?tm_click=${click}`, click],
  [`?tm_click=${click.toUpperCase()}`, undefined],
  ['?tm_click=', undefined],
  ['?tm_click=1234', undefined],
  [`?tm_click=${click}0`, undefined],
])('takes the click id of %s', (search, id) => {
  expect(readUrlTags(search)[2]).toBe(id)
})

test.each(Object.entries(NETWORKS))('the click id %s says that %s sent the visitor', (name, network) => {
  const [{ source }] = readUrlTags(`?a=1&${name}=secret`)
  const event = { id: click, type: 'click', occurredAt: 1, source, touches: [{ type: 'click', campaign: 'a', at: 1, source }] }
  expect(parseEvent(event)).toMatchObject({ source: network, touches: [{ source: network }] })
  expect(JSON.stringify(event)).not.toContain('secret')
})
