import { Hono } from 'hono'
import { ERRORS } from '../errors.ts'

const CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"

/** `/docs/errors`: every error code, its status and what to do about it. */
export function docsRoutes(): Hono {
  const routes = new Hono()
  routes.get('/docs/errors', (c) => {
    c.header('Content-Security-Policy', CSP)
    return c.html(
      <html lang="en">
        <head>
          <title>Errors · Tallymark</title>
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
        </head>
        <body>
          <h1>Errors</h1>
          <p>Every refusal names one of these codes. Senders try again on 408, 429 and 5xx only; everything else stays refused.</p>
          <dl>
            {Object.entries(ERRORS).map(([code, { status, help }]) => (
              <>
                <dt id={code}>
                  <code>{code}</code> ({status})
                </dt>
                <dd>{help}</dd>
              </>
            ))}
          </dl>
        </body>
      </html>,
    )
  })
  return routes
}
