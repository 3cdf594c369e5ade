import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { isPublicAddress } from './isPublicAddress.ts'

/** Gives every address of a host. Rejects when it has none. */
export type Resolve = (host: string) => Promise<LookupAddress[]>

export interface WebhookTransport {
  /** Rejects with WebhookTargetError where nothing may be sent to. */
  check(url: string): Promise<void>
  /** Posts JSON and resolves with the status of the answer, whatever it is. Rejects with the reason when there is none. */
  post(url: string, message: { headers: Record<string, string>; body: string }): Promise<number>
}

/** A target that is refused; the message says what it must be. */
export class WebhookTargetError extends Error {
  override name = 'WebhookTargetError'
}

const TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 65_536

const lookupAll = promisify(systemLookup)
const resolveBySystem: Resolve = (host) => lookupAll(host, { all: true })

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Sends webhooks over TLS to public addresses only; with `allowPrivate` also by http and into private networks.
 *
 * The connection goes to the very address that was checked: a name that means another address a moment later changes nothing. A host with one private
 * address is refused whole. Redirects are not followed, 5 s is all the time there is, and of an answer only the status is used.
 */
export function webhookTransport({
  allowPrivate,
  resolve = resolveBySystem,
  timeoutMs = TIMEOUT_MS,
}: {
  allowPrivate: boolean
  resolve?: Resolve
  timeoutMs?: number
}): WebhookTransport {
  function read(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isAllowed = url?.protocol === 'https:' || (allowPrivate && url?.protocol === 'http:')
    if (!url || !isAllowed) throw new WebhookTargetError('must be an https address like "https://example.com/hooks/tallymark"')
    if (url.username !== '' || url.password !== '') throw new WebhookTargetError('must not carry a user name or password')
    return url
  }

  async function addressesOf(host: string): Promise<LookupAddress[]> {
    const literal = host.replace(/^\[|\]$/g, '')
    const family = isIP(literal)
    let found: LookupAddress[]
    try {
      found = family === 0 ? await resolve(host) : [{ address: literal, family }]
    } catch {
      throw new WebhookTargetError(`has a host that cannot be found: ${host}`)
    }
    const isRefused = !allowPrivate && found.some(({ address }) => !isPublicAddress(address))
    if (isRefused || found.length === 0) throw new WebhookTargetError(`must lead to a public address, which ${host} does not`)
    return found
  }

  return {
    async check(text) {
      await addressesOf(read(text).hostname)
    },
    async post(text, message) {
      const signal = AbortSignal.timeout(timeoutMs)
      const late = new Promise<never>((_, fail) => {
        signal.onabort = () => fail(new Error(`no answer within ${timeoutMs / 1_000} s`))
      })
      const url = read(text)
      return Promise.race([late, addressesOf(url.hostname).then((addresses) => send(url, { ...message, addresses, signal }))])
    },
  }
}

/** Resolves with the status as soon as it is there. */
function send(
  url: URL,
  { headers, body, addresses, signal }: { headers: Record<string, string>; body: string; addresses: LookupAddress[]; signal: AbortSignal },
): Promise<number> {
  // Asked by the socket for an address: it gets those that were checked.
  const lookup = (_host: string, { all }: LookupOptions, done: LookupCallback) => {
    const [first] = addresses
    if (all) done(null, addresses)
    else done(null, first?.address ?? '', first?.family)
  }
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const own = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'Tallymark' }
  return new Promise((done, fail) => {
    request(url, { method: 'POST', agent: false, signal, lookup, headers: { ...own, ...headers } }, (response) => {
      done(response.statusCode ?? 0)
      // Read to its end, so that the receiver may finish, unless there is too much of it or it takes too long.
      let bytes = 0
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) response.destroy()
      })
    })
      .on('error', fail)
      .end(body)
  })
}
