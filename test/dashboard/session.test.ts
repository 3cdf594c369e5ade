import { expect, test } from 'vitest'
import { cookieOf, login, mount, NOW, TOKEN } from './dependencies.ts'

test('lets in with the admin token, for 12 hours, by a cookie that scripts and other sites cannot use', async () => {
  const response = await login(mount(), { token: TOKEN })
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/dashboard')
  const [cookie, ...others] = response.headers.getSetCookie()
  expect(others).toEqual([])
  expect(cookie?.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/dashboard', 'SameSite=Strict'])
})

test('marks the cookie Secure when the browser came by https, also behind a proxy', async () => {
  const proxied = await login(mount(), { token: TOKEN }, 'https://tally.example')
  expect(proxied.headers.getSetCookie()[0]).toContain('; Secure')
  const direct = await mount().request('https://tally.example/dashboard/login', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: `token=${TOKEN}`,
  })
  expect(direct.headers.getSetCookie()[0]).toContain('; Secure')
})

test('answers a wrong token with 401, no cookie, and where the token is', async () => {
  for (const token of ['', 'wrong', `${TOKEN}x`]) {
    const response = await login(mount(), { token })
    expect(response.status).toBe(401)
    expect(response.headers.getSetCookie()).toEqual([])
    const text = await response.text()
    expect(text).toContain('That is not the admin token.')
    expect(text).toContain('The collector printed the token once, at its first start.')
    expect(text).toContain('TALLYMARK_ADMIN_TOKEN')
  }
})

test.each([
  ['none', async () => ''],
  ['one signed with another secret', async () => cookieOf(mount({ sessionSecret: 'another' }))],
  ['a forged expiry', async () => (await cookieOf(mount())).replace(/%20\d+%20/, '%209999999999999%20')],
  ['no signature', async () => (await cookieOf(mount())).replace(/\.[^.]*$/, '')],
  ['one that is 12 hours old', async () => cookieOf(mount({ now: () => NOW - 12 * 3_600_000 }))],
])('sends to the login with %s', async (_, cookie) => {
  const app = mount()
  const headers = { cookie: await cookie() }
  const response = await app.request('/dashboard?range=7d', { headers })
  expect(response.status).toBe(302)
  expect(response.headers.get('location')).toBe('/dashboard/login?next=%2Fdashboard%3Frange%3D7d')
  expect((await app.request('/dashboard/live', { headers })).status).toBe(401)
})

test('keeps a session until its last minute', async () => {
  const cookie = await cookieOf(mount({ now: () => NOW - 12 * 3_600_000 + 60_000 }))
  expect((await mount().request('/dashboard', { headers: { cookie } })).status).toBe(200)
})

test('takes the cookie back at logout', async () => {
  const response = await mount().request('/dashboard/logout', { method: 'POST', headers: { origin: 'http://localhost' } })
  expect(response.headers.get('location')).toBe('/dashboard/login')
  expect(response.headers.getSetCookie()[0]).toBe('tallymark_session=; Max-Age=0; Path=/dashboard')
})

test('goes where it was asked to after login, within the dashboard', async () => {
  const next = '/dashboard?campaign=a%26b&range=7d'
  expect((await login(mount(), { token: TOKEN, next })).headers.get('location')).toBe(next)
})

test.each([
  'https://evil.example',
  '//evil.example/dashboard',
  '/\\evil.example/dashboard',
  '/dashboard\\..\\..\\evil',
  '/dashboard/../../v1/keys',
  '/dashboard/%2e%2e/v1/keys',
  '/dashboardevil',
  '/dashboard.evil.example',
  '\t//evil.example',
  'javascript:alert(1)//dashboard',
  '/v1/results',
])('goes to the dashboard instead of %s', async (next) => {
  expect((await login(mount(), { token: TOKEN, next })).headers.get('location')).toBe('/dashboard')
  const form = await (await mount().request(`/dashboard/login?${new URLSearchParams({ next })}`)).text()
  expect(form).toContain('name="next" value="/dashboard"')
})

test.each(['/dashboard/login', '/dashboard/logout'])('refuses a form that another site posts to %s', async (path) => {
  const response = await mount().request(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
    },
    body: `token=${TOKEN}`,
  })
  expect(response.status).toBe(403)
  expect(response.headers.getSetCookie()).toEqual([])
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('refuses a login form larger than a login', async () => {
  expect((await login(mount(), { token: 'x'.repeat(5_000) })).status).toBe(413)
})
