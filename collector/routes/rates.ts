import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { RefusalError } from '../errors.ts'
import { type Rate, ratesBody } from '../money/rates.ts'
import { scaled } from '../money/terms.ts'
import { bodyOf } from './bodyOf.ts'
import { pageOf } from './pageOf.ts'
import { queryOf } from './queryOf.ts'

const MAX_BYTES = 2_097_152

/** `PUT /v1/rates` gives rates between currencies, each the place of one before for its day and pair; `GET /v1/rates` lists all. */
export function rateRoutes({ registry }: Collector): Hono {
  const routes = new Hono()
  routes.put('/v1/rates', async (c) => {
    const { rates } = await bodyOf(c, ratesBody, MAX_BYTES)
    const seen = new Set<string>()
    for (const [i, { day, from, to }] of rates.entries()) {
      const key = `${day} ${from} ${to}`
      if (seen.has(key))
        throw new RefusalError('invalid_request', `rates[${i}]: there are two rates from ${from} to ${to} on ${day}`, `rates[${i}]`)
      seen.add(key)
    }
    await registry.refresh()
    const before = rates.map((one) => registry.rates.given(one))
    const isNew = ({ rate }: Rate, i: number) => before[i] === undefined || scaled(before[i].rate, 12) !== scaled(rate, 12)
    const news = rates.filter(isNew)
    if (news.length > 0) await registry.putRates(news)
    const corrected = rates.filter((one, i) => before[i] !== undefined && isNew(one, i)).length
    return c.json({ accepted: news.length - corrected, corrected, unchanged: rates.length - news.length })
  })
  routes.get('/v1/rates', (c) => {
    const { limit, after } = queryOf(c, ['limit', 'after'])
    const { page: rates, next } = pageOf(registry.rates.rows(), { limit, after, placeOf: ({ day, from, to }) => [from, to, day] })
    return c.json({ rates, next })
  })
  return routes
}
