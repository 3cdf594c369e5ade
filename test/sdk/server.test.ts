import { expect, test } from 'vitest'
import { init } from '../../sdk/index.ts'

test('does nothing on a server, and breaks nothing', async () => {
  expect(typeof document).toBe('undefined')
  const tm = init({ site: 'shop', endpoint: 'https://t.example', auto: ['landings', 'impressions'] })
  tm.impression()
  tm.click()
  tm.signup()
  tm.purchase({ orderId: 'A-1' })
  tm.tag({})
  tm.consent('granted')
  tm.on('acknowledged', () => {})()
  await expect(tm.flush()).resolves.toBeUndefined()
})
