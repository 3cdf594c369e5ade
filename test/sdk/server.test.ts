import { expect, test } from 'vitest'
import { impressions, init, landings } from '../../sdk/index.ts'

test('does nothing on a server, and breaks nothing', async () => {
  expect(typeof document).toBe('undefined')
  const tm = init({ site: 'shop', endpoint: 'https://t.example', auto: [landings, impressions] })
  tm.impression()
  tm.click()
  tm.signup()
  tm.purchase({ orderId: 'A-1' })
  tm.tag({})
  expect(tm.variant('headline', { A: 1, B: 1 })).toBe('A')
  tm.consent('granted')
  await expect(tm.flush()).resolves.toBeUndefined()
})
