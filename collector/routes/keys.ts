import { Hono } from 'hono'
import type { Collector } from '../app.ts'
import { makeKey } from '../makeKey.ts'
import { type Key, keyBody } from '../registry.ts'
import { bodyOf } from './bodyOf.ts'

const keyAnswer = ({ hash, madeAt, ...key }: Key) => ({ ...key, madeAt: new Date(madeAt).toISOString() })

/** Secret keys: made, listed by their first characters, revoked. Two of one site live side by side, so that one can take the other's place. */
export function keyRoutes({ registry, now, newId }: Collector): Hono {
  const routes = new Hono()
  routes.get('/v1/keys', (c) => c.json({ keys: registry.keys().map(keyAnswer) }))
  routes.post('/v1/keys', async (c) => {
    const at = now()
    const { key, made } = await makeKey(registry, { ...(await bodyOf(c, keyBody)), id: newId(at), now: at })
    c.header('Cache-Control', 'no-store')
    return c.json({ key, ...keyAnswer(made) }, 201)
  })
  routes.delete('/v1/keys/:id', async (c) => c.json(keyAnswer(await registry.revokeKey(c.req.param('id')))))
  return routes
}
