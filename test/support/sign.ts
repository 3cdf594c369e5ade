import { createHash, createHmac } from 'node:crypto'

/** A key that signs, as `POST /v1/keys` gives it. */
export interface SigningKey {
  id: string
  key: string
}

/** What a sender puts into the headers, written as the documentation tells it and not as the collector reads it. */
export function signed({ id, key }: SigningKey, body: string | Uint8Array, at: number): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  const secret = createHash('sha256').update(key).digest()
  const signature = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')
  return { 'Tallymark-Key': id, 'Tallymark-Timestamp': timestamp, 'Tallymark-Signature': `v1=${signature}` }
}
