import { Hono } from 'hono'
import { html } from 'hono/html'
import type { Collector } from '../app.ts'
import { nameAssets } from '../dashboard/assets.ts'
import { Page } from '../dashboard/page.tsx'
import { ERRORS } from '../errors.ts'

const CSP = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"

/** `/docs/errors`: every error code, its status and what to do about it. */
export function docsRoutes({ assets: built }: Collector): Hono {
  const assets = nameAssets({ script: built.dashboardScript, style: built.dashboardStyle })
  const routes = new Hono()
  routes.get('/docs/errors', (c) => {
    c.header('Content-Security-Policy', CSP)
    c.header('X-Content-Type-Options', 'nosniff')
    const page = (
      <Page title="Errors" assets={assets} loggedIn={false}>
        <div class="title-row">
          <h1 class="title">Errors</h1>
        </div>
        <p>Every refusal names one of these codes. Send again on 408, 429 and 5xx only; everything else stays refused.</p>
        <section>
          <dl class="reasons">
            {Object.entries(ERRORS).map(([code, { status, help }]) => (
              <div id={code}>
                <dt>
                  <code>{code}</code>
                </dt>
                <dd class="n">{status}</dd>
                <dd class="why">{help}</dd>
              </div>
            ))}
          </dl>
        </section>
      </Page>
    )
    return c.html(html`<!doctype html>${page}`)
  })
  return routes
}
