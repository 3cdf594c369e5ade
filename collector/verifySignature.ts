import { createHmac, timingSafeEqual } from 'node:crypto'

/** How far the sender's clock may be off, both ways: as long as Stripe and Standard Webhooks allow. */
export const SIGNATURE_TOLERANCE_MS = 300_000

/** Unix seconds, as text. Longer is a time in ms, or none. */
const SECONDS = /^\d{1,15}$/

/** What a signed request says of itself, header by header; '' where it says nothing. */
export interface Signature {
  /** `Tallymark-Timestamp`: Unix seconds. */
  timestamp: string
  /** `Tallymark-Signature`: `v1=HEX`, several separated by commas; other versions are passed over. */
  signatures: string
}

/** `v1` of a body: HMAC-SHA256 over `timestamp.body`, the bytes as they are sent. */
const sign = (key: Uint8Array, timestamp: string, body: Uint8Array) =>
  createHmac('sha256', key).update(`${timestamp}.`).update(body).digest()

/** Whether a timestamp is Unix seconds within 300 s of `now` (ms); undefined when it is no time at all. */
export function isTimely(timestamp: string, now: number): boolean | undefined {
  return SECONDS.test(timestamp) ? Math.abs(Number(timestamp) * 1_000 - now) <= SIGNATURE_TOLERANCE_MS : undefined
}

/**
 * Whether one of the signatures is that of `body` under `key`. Never throws.
 *
 * Takes the same time whatever is wrong with them.
 */
export function verifySignature(body: Uint8Array, { timestamp, signatures }: Signature, key: Uint8Array): boolean {
  const expected = sign(key, timestamp, body)
  let isRight = false
  for (const signature of signatures.split(',')) {
    const [, hex] = /^v1=([\da-f]{64})$/i.exec(signature.trim()) ?? []
    if (hex !== undefined && timingSafeEqual(Buffer.from(hex, 'hex'), expected)) isRight = true
  }
  return isRight
}
