/**
 * Where to go after login: the path asked for when it lies in the dashboard, else the dashboard's first page.
 *
 * Browsers read `\` as `/` and drop tabs and line ends, so the value is resolved as they would and only what came out is used.
 */
export function safeNext(asked: string | undefined): string {
  const here = 'http://dashboard.invalid'
  const url = asked?.startsWith('/dashboard') ? URL.parse(asked, here) : null
  if (!url || url.origin !== here || !/^\/dashboard(?:\/|$)/.test(url.pathname)) return '/dashboard'
  return url.pathname + url.search
}
