import type { Assets } from './assets.ts'
import { eventHref, type Found, MAX_SEARCH } from './find.ts'
import { Page } from './page.tsx'

/** The field in which an order, a lead or an event is looked up. */
export function SearchForm({ asked = '' }: { asked?: string }) {
  return (
    <form class="search" method="get" action="/dashboard/ledger">
      <label class="unseen" for="search">
        Order id, lead id or event id
      </label>
      <input
        id="search"
        type="search"
        name="q"
        value={asked}
        placeholder="Order id, lead id or event id"
        maxlength={MAX_SEARCH}
        autocomplete="off"
        spellcheck={false}
        required
      />
      <button type="submit">Find</button>
    </form>
  )
}

const NAMES = { event: 'Event', order: 'Order', lead: 'Lead' } as const

/** The page that looks events up. `found` is null before anything was asked for. */
export function LedgerPage({ assets, asked, found }: { assets: Assets; asked: string; found: Found[] | null }) {
  return (
    <Page title="Find an event" assets={assets} loggedIn live={false}>
      <div class="title-row">
        <div class="title">
          <p class="crumb">
            <a href="/dashboard">All campaigns</a>
          </p>
          <h1>Find an event</h1>
        </div>
      </div>
      <SearchForm asked={asked} />
      {found === null && (
        <p class="hint">
          Every event that came is in the ledger with its reason. Its page says why it counts, or does not, and who got the credit.
        </p>
      )}
      {found?.length === 0 && (
        <div class="notice" role="status">
          <p>
            Nothing in the ledger has the id <code>{asked}</code>.
          </p>
          <p>
            Check it for spaces and cut-off ends. An order that no event counts for is found among the last 200,000 reports only; what could
            not be read at all is in the failed events.
          </p>
        </div>
      )}
      {found !== null && found.length > 0 && (
        <section aria-labelledby="found">
          <div class="section-head">
            <h2 id="found">Several events have this id</h2>
          </div>
          <ul class="versions">
            {found.map(({ id, by, site }) => (
              <li>
                <span class="since">
                  {NAMES[by]} of site {site}
                </span>
                <a href={eventHref(id)}>
                  <code>{id}</code>
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  )
}
