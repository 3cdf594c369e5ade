import type { Context } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'

const COOKIE = 'tallymark_session'
const PATH = '/dashboard'
const SESSION_MS = 12 * 3_600_000 // a working day; the token is pasted again in the morning

/** A login. It lives in the signed cookie alone, so a new `sessionSecret` ends every one. */
export interface Session {
  /** ms since the epoch. Signed, so that a browser cannot keep a cookie longer. */
  expiresAt: number
  /** Where the browser reached the dashboard, `https://tally.example`: what snippets and commands show. */
  origin: string
}

/** Sets the session's cookie on the answer. `now` in ms. */
export async function startSession(c: Context, options: { secret: string; now: number }): Promise<void> {
  const origin = browserOrigin(c)
  const payload = `dashboard ${options.now + SESSION_MS} ${origin}`
  await setSignedCookie(c, COOKIE, payload, options.secret, {
    httpOnly: true,
    sameSite: 'Strict',
    path: PATH,
    secure: origin.startsWith('https:'),
    maxAge: SESSION_MS / 1000,
  })
}

/** The session of a request, null when there is none, it is over, or its signature is not ours. */
export async function readSession(c: Context, options: { secret: string; now: number }): Promise<Session | null> {
  const payload = await getSignedCookie(c, options.secret, COOKIE)
  if (!payload) return null
  const [purpose, expires, origin] = payload.split(' ')
  const expiresAt = Number(expires)
  if (purpose !== 'dashboard' || !origin || !(expiresAt > options.now)) return null
  return { expiresAt, origin }
}

/** Takes the cookie back. */
export function endSession(c: Context): void {
  deleteCookie(c, COOKIE, { path: PATH })
}

// Behind a proxy that ends TLS the request itself says http; the browser's own Origin header says what the visitor sees.
// Whoever forges it changes only their own cookie.
function browserOrigin(c: Context): string {
  const said = URL.parse(c.req.header('origin') ?? '')
  const isWeb = said?.protocol === 'https:' || said?.protocol === 'http:'
  return said && isWeb ? said.origin : new URL(c.req.url).origin
}
