import { createHmac } from 'node:crypto'

/** How the secret of a webhook begins; base64 follows. */
export const SECRET_PREFIX = 'whsec_'

/** Random bytes of a secret; Standard Webhooks asks for 24 to 64. */
export const SECRET_BYTES = 32

/**
 * The headers that prove where a message comes from: `webhook-id`, `webhook-timestamp` (seconds since the epoch) and `webhook-signature`, one
 * signature for each secret.
 *
 * HMAC-SHA256 of `id.timestamp.body`, over the bytes that are sent. Source: Standard Webhooks 1.0.0, https://www.standardwebhooks.com.
 */
export function signMessage({
  id,
  at,
  body,
  secrets,
}: {
  id: string
  at: number
  body: string
  secrets: string[]
}): Record<string, string> {
  const seconds = Math.floor(at / 1_000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') }
}
