import type { Context } from 'hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import { HTTPException } from 'hono/http-exception'
import type { Child } from 'hono/jsx'
import { secureHeaders } from 'hono/secure-headers'
import type { Alert } from '../alerts/alert.ts'
import { RefusalError } from '../errors.ts'
import type { Explanation } from '../explain/explainEvent.ts'
import type { ResultsAnswer } from '../results/results.ts'
import type { DashboardStatements } from '../routes/dashboardStatements.ts'
import type { DashboardTerms } from '../routes/dashboardTerms.ts'
import { StoreError } from '../store/store.ts'
import { nameAssets } from './assets.ts'
import { EventPage } from './event.tsx'
import { eventHref, type Found, MAX_SEARCH } from './find.ts'
import { LedgerPage } from './ledger.tsx'
import { streamTicks } from './live.ts'
import { loadOverview } from './load.ts'
import { LoginPage } from './login.tsx'
import { MessagePage } from './message.tsx'
import { OverviewPage } from './overview.tsx'
import { safeNext } from './safe-next.ts'
import { endSession, readSession, type Session, startSession } from './session.ts'
import { StatementPage, statementHref } from './statement.tsx'
import { StatementLinePage } from './statement-line.tsx'
import type { Campaign } from './terms.ts'
import { TermsPage } from './terms-page.tsx'

const MAX_FORM_BYTES = 4_096 // a token and a path, many times over
const ASSET_MAX_AGE_S = 31_536_000 // a year, the most that caches honour; a new build has a new name

/** What the dashboard shows and whom it lets in, handed over by whoever owns the store. */
export interface DashboardDependencies {
  /** Results as `GET /v1/results` gives them. */
  results(query: { from?: string; to?: string; by: string[]; campaign?: string }): Promise<ResultsAnswer>
  /** Campaigns that are set up, with all versions of their terms. */
  campaigns(): Campaign[]
  sites(): { id: string; name: string; origins: string[] }[]
  /** An event as it stands, and why. Rejects with RefusalError `not_found`. */
  explain(id: string): Promise<Explanation>
  /** Events that have a text as their id, order id or lead id, on any site. */
  find(text: string): Promise<Found[]>
  statements: DashboardStatements
  terms: DashboardTerms
  /** Budgets that are used up to a threshold now, one alert each. */
  alerts(): Alert[]
  isAdminToken(token: string): boolean
  /** Key of the session cookie's signature. A new one ends every session. */
  sessionSecret: string
  /** ms since the epoch. */
  now(): number
  /** Calls back after each durable commit; returns the unsubscribe function. */
  onCommit(listener: () => void): () => void
  /** Aborted when the collector stops: open streams end then. */
  closing: AbortSignal
  /** Built client script and style, served under /dashboard/assets with a hash of the content in the name. */
  assets: { script: string; style: string }
}

/**
 * The dashboard as a Hono app, to be mounted at `/dashboard`.
 *
 * Every page is whole without script; the script adds chart and live figures. A store that cannot serve gives a page with 503; other
 * errors go to the app it is mounted in.
 */
export function createDashboard(dependencies: DashboardDependencies): Hono {
  const { now, sessionSecret: secret } = dependencies
  const assets = nameAssets(dependencies.assets)
  const app = new Hono()

  const show = (c: Context, page: Child, status: 200 | 401 | 404 | 422 | 503 = 200) => {
    c.header('Cache-Control', 'no-store')
    return c.html(html`<!doctype html>${page}`, status)
  }
  const whenLoggedIn = (handler: (c: Context, session: Session) => Response | Promise<Response>) => async (c: Context) => {
    const session = await readSession(c, { secret, now: now() })
    if (session) return handler(c, session)
    const { pathname, search } = new URL(c.req.url)
    c.header('Cache-Control', 'no-store')
    return c.redirect(`/dashboard/login?${new URLSearchParams({ next: safeNext(pathname + search) })}`)
  }

  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      // Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
      referrerPolicy: 'same-origin',
      // Whether a host is https for good is for its owner to promise.
      strictTransportSecurity: false,
      xFrameOptions: 'DENY',
    }),
    bodyLimit({ maxSize: MAX_FORM_BYTES }),
    csrf(),
  )

  app.get('/assets/:name', (c) => {
    const asset = [assets.script, assets.style].find(({ name }) => name === c.req.param('name'))
    if (!asset) return c.notFound()
    return c.body(asset.body, 200, {
      'Content-Type': asset.type,
      'Cache-Control': `public, max-age=${ASSET_MAX_AGE_S}, immutable`,
    })
  })

  app.get('/login', async (c) => {
    const next = safeNext(c.req.query('next'))
    if (await readSession(c, { secret, now: now() })) return c.redirect(next)
    return show(c, <LoginPage assets={assets} next={next} refused={false} />)
  })
  app.post('/login', async (c) => {
    const form = await c.req.parseBody()
    const next = safeNext(typeof form.next === 'string' ? form.next : undefined)
    const token = typeof form.token === 'string' ? form.token.trim() : ''
    if (!dependencies.isAdminToken(token)) return show(c, <LoginPage assets={assets} next={next} refused />, 401)
    await startSession(c, { secret, now: now() })
    return c.redirect(next, 303)
  })
  app.post('/logout', (c) => {
    endSession(c)
    return c.redirect('/dashboard/login', 303)
  })

  app.get('/live', async (c) => {
    const session = await readSession(c, { secret, now: now() })
    // No redirect: an EventSource would follow it and find no events.
    if (!session) return c.text('Log in first.', 401)
    return streamTicks(c, { onCommit: dependencies.onCommit, now, expiresAt: session.expiresAt, closing: dependencies.closing })
  })

  app.get(
    '/',
    whenLoggedIn(async (c, session) => {
      const overview = await loadOverview(dependencies, { query: c.req.query(), origin: session.origin })
      return show(c, <OverviewPage assets={assets} overview={overview} />)
    }),
  )
  app.get(
    '/ledger',
    whenLoggedIn(async (c) => {
      const asked = (c.req.query('q') ?? '').trim().slice(0, MAX_SEARCH)
      const found = asked === '' ? null : await dependencies.find(asked)
      const [only] = found ?? []
      if (only && found?.length === 1) return c.redirect(eventHref(only.id))
      return show(c, <LedgerPage assets={assets} asked={asked} found={found} />)
    }),
  )
  app.get(
    '/events/:id',
    whenLoggedIn(async (c) => {
      try {
        return show(c, <EventPage assets={assets} explanation={await dependencies.explain(c.req.param('id') ?? '')} />)
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error
        return show(c, <LedgerPage assets={assets} asked={c.req.param('id') ?? ''} found={[]} />, 404)
      }
    }),
  )
  const noCampaign = (c: Context) => {
    const text = 'There is no campaign of this name, or it is not set up: only one that is has a statement.'
    return show(c, <MessagePage assets={assets} title="No such campaign" text={text} />, 404)
  }
  app.get(
    '/statements/:campaign',
    whenLoggedIn(async (c) => {
      const { from, to, format } = c.req.query()
      const view = await dependencies.statements.view(c.req.param('campaign') ?? '', { from, to })
      if (!view) return noCampaign(c)
      if (format !== 'csv' && format !== 'json') return show(c, <StatementPage assets={assets} view={view} />)
      const name = `tallymark-statement-${view.statement.from}-${view.statement.to}.${format}`
      c.header('Cache-Control', 'no-store')
      c.header('Content-Type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json')
      c.header('Content-Disposition', `attachment; filename="${name}"`)
      return c.body(format === 'csv' ? dependencies.statements.csv(view) : JSON.stringify(view.statement))
    }),
  )
  app.get(
    '/statement-lines/:campaign',
    whenLoggedIn(async (c) => {
      const id = c.req.param('campaign') ?? ''
      const campaign = dependencies.campaigns().find((one) => one.id === id)
      if (!campaign) return noCampaign(c)
      const { day = '', model = '', terms = '', after } = c.req.query()
      const line = { day, model, terms }
      try {
        const found = await dependencies.statements.line(id, { ...line, ...(after !== undefined && { after }) })
        return show(c, <StatementLinePage {...{ assets, campaign, line, found }} />)
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error
        return show(c, <MessagePage assets={assets} title="No such line" text={error.message} />, 404)
      }
    }),
  )
  app.post('/statements/:campaign/close', async (c) => {
    if (!(await readSession(c, { secret, now: now() }))) return c.redirect('/dashboard/login', 303)
    const id = c.req.param('campaign')
    const { to } = await c.req.parseBody()
    try {
      const period = await dependencies.statements.close(id, typeof to === 'string' ? to : '')
      return c.redirect(statementHref(id, { from: period.from, to: period.to }), 303)
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error
      return show(c, <MessagePage assets={assets} title="The period stays open" text={error.message} />, 422)
    }
  })
  app.get(
    '/terms/:campaign',
    whenLoggedIn(async (c) => {
      const view = await dependencies.terms.view(c.req.param('campaign') ?? '', c.req.query())
      return view ? show(c, <TermsPage assets={assets} view={view} />, view.refused ? 422 : 200) : noCampaign(c)
    }),
  )
  app.post('/terms/:campaign', async (c) => {
    if (!(await readSession(c, { secret, now: now() }))) return c.redirect('/dashboard/login', 303)
    const id = c.req.param('campaign')
    const form = await c.req.parseBody()
    const given = Object.fromEntries(Object.entries(form).filter((field): field is [string, string] => typeof field[1] === 'string'))
    try {
      await dependencies.terms.agree(id, given)
      return c.redirect(`/dashboard?${new URLSearchParams({ campaign: id })}`, 303)
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error
      const view = await dependencies.terms.view(id, given)
      return view ? show(c, <TermsPage assets={assets} view={{ ...view, refused: error.message }} />, 422) : noCampaign(c)
    }
  })
  app.all(
    '/*',
    whenLoggedIn((c) => {
      if (c.req.path === '/dashboard/') return c.redirect('/dashboard')
      return show(c, <MessagePage assets={assets} title="No such page" text="There is nothing at this address." />, 404)
    }),
  )

  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    if (!(error instanceof StoreError)) throw error
    c.header('Retry-After', '5')
    const text = 'The store cannot answer now. Nothing that was acknowledged is lost; try again in a few seconds.'
    return show(c, <MessagePage assets={assets} title="One moment" text={text} />, 503)
  })
  return app
}
