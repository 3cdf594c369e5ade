const ENCODER = new TextEncoder()

/** `signing_ID_SECRET`: a key that signs carries its id. */
const SIGNING_KEY = /^signing_([\da-f-]{36})_./

/** The id of a key that signs, undefined for one that is sent as bearer. */
export const signingId = (key: string): string | undefined => SIGNING_KEY.exec(key)?.[1]

const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * Headers that prove who sends `body` at `now` (ms): HMAC-SHA256 over `timestamp.body`, with SHA-256 of the key.
 *
 * By Web Crypto, so that it runs wherever `fetch` does.
 */
export async function signedHeaders(
  body: string,
  { key, id, now }: { key: string; id: string; now: number },
): Promise<Record<string, string>> {
  const { subtle } = crypto
  const timestamp = String(Math.floor(now / 1_000))
  const secret = await subtle.digest('SHA-256', ENCODER.encode(key))
  const signer = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signature = await subtle.sign('HMAC', signer, ENCODER.encode(`${timestamp}.${body}`))
  return { 'tallymark-key': id, 'tallymark-timestamp': timestamp, 'tallymark-signature': `v1=${hex(signature)}` }
}
