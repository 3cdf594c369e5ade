import { startProxy, type TcpProxy } from '../../faults/proxy.ts'
import type { Engine, Profile, Tab } from '../engines/engine.ts'
import { type Pages, startPages } from '../pages.ts'
import type { Place } from '../place.ts'

/** One repetition: somebody whose device has nothing of ours yet, on pages of an origin of their own. */
export interface Visitor {
  /** Path of the page with the script; another page, `/elsewhere`, is without. */
  path: string
  pages: Pages
  engine: Engine
  profile: Profile
  /** Stands between page and collector. */
  proxy: TcpProxy
  /** Opens the page with the script; `query` begins with `?`. */
  visit(tab: Tab, query?: string): Promise<void>
  leave(): Promise<void>
}

/** A call for one event, as text of a script. `content` tells the events of one visitor apart. */
export const recordOf = (placement: string, content: string | number): string =>
  `tallymark('click', { campaign: 'spring', placement: '${placement}', content: '${content}' })`

/** What the page has besides the script: a link that is an ad, and buttons that record and leave in one task. */
const pageOf = (placement: string, endpoint: string): string => `<!doctype html><title>${placement}</title>
  <script src="/tallymark.js" data-site="shop" data-endpoint="${endpoint}"></script>
  <a id="ad" data-tm-click="${placement}" data-tm-campaign="spring" data-tm-content="1" href="/elsewhere">An ad</a>
  <button id="leave" onclick="${recordOf(placement, 1)}; location.href = '/elsewhere'">Leave</button>
  <button id="burst" onclick="for (let i = 1; i <= 200; i++) ${recordOf(placement, "' + i + '")}; location.href = '/elsewhere'">Burst</button>
  <a id="away" href="/elsewhere">Away</a>
  <script>addEventListener('pageshow', (event) => { window.cameBack = event.persisted })</script>`

/** `endpoint` stands in for the collector, where there is one of its own. */
export async function newVisitor(
  { engine, profile, place }: { engine: Engine; profile: Profile; place: Place },
  { row, repetition, endpoint }: { row: string; repetition: number; endpoint?: string | undefined },
): Promise<Visitor> {
  const pages = await startPages()
  const proxy = await startProxy({ target: place.collector.address, random: () => (proxy.figures.droppedResponses === 0 ? 0 : 1) })
  const placement = `${row} ${engine.name} ${repetition}`
  const path = `/${encodeURIComponent(placement)}`
  pages.put(path, pageOf(placement, endpoint ?? proxy.address))
  pages.put('/elsewhere', '<!doctype html><title>Elsewhere</title><p>Elsewhere</p>')
  return {
    path,
    pages,
    engine,
    profile,
    proxy,
    visit: (tab, query = '') => tab.goto(pages.origin + path + query),
    async leave() {
      await proxy.close()
      await pages.close()
    },
  }
}
