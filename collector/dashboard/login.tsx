import type { Assets } from './assets.ts'
import { Page } from './page.tsx'

/** Asks for the admin token. `next` is where to go afterwards and must be safe; `refused` when a token was wrong. */
export function LoginPage({ assets, next, refused }: { assets: Assets; next: string; refused: boolean }) {
  return (
    <Page title="Log in" assets={assets} loggedIn={false}>
      <section class="slip">
        <h1>Log in</h1>
        <form class="login" method="post" action="/dashboard/login">
          <label for="token">Admin token</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            autofocus
            autocomplete="current-password"
            spellcheck={false}
            aria-describedby={refused ? 'refused where' : 'where'}
            {...(refused && { 'aria-invalid': 'true' })}
          />
          <input type="hidden" name="next" value={next} />
          {refused && (
            <p id="refused" class="refused" role="alert">
              That is not the admin token.
            </p>
          )}
          <button class="primary" type="submit">
            Log in
          </button>
          <p id="where" class="hint">
            The collector printed the token once, at its first start. If <code>TALLYMARK_ADMIN_TOKEN</code> is set, that is the token.
          </p>
        </form>
      </section>
    </Page>
  )
}
