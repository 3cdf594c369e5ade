import type { Context } from 'hono'
import type { Collector } from './app.ts'
import { bearerOf, hashToken } from './auth.ts'
import { RefusalError } from './errors.ts'
import { readBytes } from './ingest/readJson.ts'
import type { Key } from './registry.ts'
import { StoreError } from './store/store.ts'
import { isTimely, SIGNATURE_TOLERANCE_MS, verifySignature } from './verifySignature.ts'

type Needs = Pick<Collector, 'registry' | 'store' | 'limitSite' | 'limitSource' | 'sourceOf'>

/** Stands in for the key of whoever has none, so that checking takes the same time; what it signs is refused all the same. */
const NO_KEY = Buffer.alloc(32)

const badToken = () =>
  new RefusalError(
    'bad_token',
    'authorization must be "Bearer" and a secret key of the site; POST /v1/keys makes one. A key that signs is never sent',
    undefined,
    { 'WWW-Authenticate': 'Bearer' },
  )

const badSignature = () =>
  new RefusalError(
    'bad_signature',
    'Tallymark-Signature must be "v1=" and the hex of HMAC-SHA256 over "TIMESTAMP.BODY", the bytes that are sent, with SHA-256 of a key that signs and is in use; ' +
      'Tallymark-Key is the id of that key, Tallymark-Timestamp the time in seconds since 1970',
    undefined,
    { 'WWW-Authenticate': 'Tallymark-Signature' },
  )

const outOfRange = (now: number) =>
  new RefusalError(
    'timestamp_out_of_range',
    `Tallymark-Timestamp must be within ${SIGNATURE_TOLERANCE_MS / 1_000} seconds of the collector's clock, which says ${Math.floor(now / 1_000)}; sign anew at each attempt`,
    'Tallymark-Timestamp',
    { 'WWW-Authenticate': 'Tallymark-Signature' },
  )

function assertRoom({ store }: Needs): void {
  if (store.isFull()) throw new StoreError('overloaded', 'collector: too many events are waiting to be committed')
}

interface Request {
  maxBytes: number
  /** ms since the epoch. */
  now: number
}

async function bySignature(c: Context, needs: Needs, { maxBytes, now }: Request): Promise<{ key: Key; bytes: Uint8Array }> {
  const [id, timestamp, signatures] = ['tallymark-key', 'tallymark-timestamp', 'tallymark-signature'].map(
    (name) => c.req.header(name) ?? '',
  )
  const timely = isTimely(timestamp ?? '', now)
  if (timely === undefined) throw badSignature()
  if (!timely) throw outOfRange(now)
  // The body is read before anybody is known.
  needs.limitSource(needs.sourceOf(c), now)
  assertRoom(needs)
  const bytes = await readBytes(c.req.raw, maxBytes)
  const key = needs.registry.keys().find((one) => one.id === id && one.role === 'server' && one.signs && !one.revoked)
  const isSigned = verifySignature(
    bytes,
    { timestamp: timestamp ?? '', signatures: signatures ?? '' },
    key ? Buffer.from(key.hash, 'hex') : NO_KEY,
  )
  if (!key || !isSigned) throw badSignature()
  needs.limitSite(key.site, now)
  return { key, bytes }
}

async function byBearer(c: Context, needs: Needs, { maxBytes, now }: Request): Promise<{ key: Key; bytes: Uint8Array }> {
  const key = needs.registry.keyOf(hashToken(bearerOf(c)))
  if (key?.role !== 'server' || key.signs) throw badToken()
  needs.limitSite(key.site, now)
  assertRoom(needs)
  return { key, bytes: await readBytes(c.req.raw, maxBytes) }
}

/**
 * The key with which a server calls, and the body it sends, at most `maxBytes`: signed, or else with the key as bearer.
 *
 * Throws RefusalError `bad_token`, `bad_signature` or `timestamp_out_of_range`, the same for a key that was revoked as for one that never was;
 * `rate_limited`; `too_large`.
 */
export function authenticateServer(c: Context, needs: Needs, request: Request): Promise<{ key: Key; bytes: Uint8Array }> {
  return (c.req.header('tallymark-signature') === undefined ? byBearer : bySignature)(c, needs, request)
}
