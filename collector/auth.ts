import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { RefusalError } from './errors.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/** What is kept of a token: enough to know it again, nothing to use it with. */
export const hashToken = (token: string): string => sha256(token).toString('hex')

const randomSecret = () => randomBytes(32).toString('base64url')

/** An admin token of 256 random bits. */
export const newToken = (): string => `tm_admin_${randomSecret()}`

/**
 * A secret key of 256 random bits, and what is shown of it later.
 *
 * One that signs carries its id, so that whoever has it has all it takes: `signing_ID_SECRET`.
 */
export function newKey(signingId?: string): { key: string; prefix: string } {
  const start = signingId === undefined ? 'sk_' : `signing_${signingId}_`
  const key = `${start}${randomSecret()}`
  return { key, prefix: key.slice(0, start.length + 6) }
}

/** Compares in the same time whatever the difference. */
export const isToken = (token: string, hash: string): boolean => timingSafeEqual(sha256(token), Buffer.from(hash, 'hex'))

/** The token of `Authorization: Bearer TOKEN`, '' for any other header or none. */
export function bearerOf(c: Context): string {
  const [scheme = '', token = ''] = (c.req.header('authorization') ?? '').split(' ', 2)
  return scheme.toLowerCase() === 'bearer' ? token : ''
}

/** Lets requests with `Authorization: Bearer TOKEN` through. Throws RefusalError `bad_token` otherwise. */
export function requireAdmin(tokenHash: string): MiddlewareHandler {
  return async (c, next) => {
    if (!isToken(bearerOf(c), tokenHash)) {
      c.header('WWW-Authenticate', 'Bearer')
      throw new RefusalError('bad_token', 'authorization must be "Bearer" and the admin token, which was printed at the first start')
    }
    await next()
  }
}
