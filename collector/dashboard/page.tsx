import type { PropsWithChildren } from 'hono/jsx'
import type { Assets } from './assets.ts'
import { ICON, Logo } from './parts/logo.tsx'

/** The frame of every page. Without `loggedIn` there is no way out; a page that is not `live` has no script, and stays as it is. */
export function Page({
  title,
  assets,
  loggedIn,
  live = loggedIn,
  children,
}: PropsWithChildren<{ title: string; assets: Assets; loggedIn: boolean; live?: boolean }>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title} · Tallymark</title>
        <link rel="icon" href={ICON} />
        <link rel="stylesheet" href={`/dashboard/assets/${assets.style.name}`} />
        {live && <script defer src={`/dashboard/assets/${assets.script.name}`} />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header class="masthead">
          <a class="brand" href="/dashboard">
            <Logo />
            Tallymark
          </a>
          {loggedIn && (
            <div class="masthead-end">
              <a class="quiet" href="/dashboard/ledger">
                Find an event
              </a>
              {live && (
                <p id="live" class="live" data-state="connecting" role="status">
                  Connecting
                </p>
              )}
              <form method="post" action="/dashboard/logout">
                <button class="quiet" type="submit">
                  Log out
                </button>
              </form>
            </div>
          )}
        </header>
        <main id="main" tabindex={-1}>
          {children}
        </main>
      </body>
    </html>
  )
}
