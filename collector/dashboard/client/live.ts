import { morph } from './morph.ts'

const RETRY_MS = 5_000

const STATES = { connecting: 'Connecting', live: 'Live', reconnecting: 'Reconnecting', paused: 'Paused' }

/**
 * Keeps the page's figures up to date: on each tick of the collector the page is fetched again and what differs is put in place.
 *
 * Only one fetch at a time; ticks that come meanwhile are one more fetch afterwards. Stops while the tab is hidden. A login that is over
 * leads to the login page.
 */
export function keepLive({ onUpdate }: { onUpdate(): void }): void {
  let events: EventSource | undefined
  let retry: number | undefined
  let fetching = false
  let stale = false

  async function refresh(): Promise<void> {
    stale = true
    if (fetching) return
    fetching = true
    try {
      while (stale) {
        stale = false
        await update(onUpdate)
      }
    } catch {
      // The network or the store is away: the figures shown stay, and the stream says when it is back.
      show('reconnecting')
    } finally {
      fetching = false
    }
  }

  function connect(): void {
    disconnect()
    events = new EventSource('/dashboard/live')
    events.addEventListener('open', () => {
      show('live')
      void refresh() // commits may have passed unheard
    })
    events.addEventListener('tick', () => {
      show('live')
      void refresh()
    })
    events.addEventListener('error', () => {
      show('reconnecting')
      // The browser tries again by itself after a cut, but not after an answer that is no stream.
      if (events?.readyState !== EventSource.CLOSED) return
      disconnect()
      retry = setTimeout(connect, RETRY_MS)
      void refresh()
    })
  }

  function disconnect(): void {
    clearTimeout(retry)
    events?.close()
    events = undefined
  }

  function follow(): void {
    if (document.visibilityState === 'visible') connect()
    else {
      disconnect()
      show('paused')
    }
  }

  document.addEventListener('visibilitychange', follow)
  // An open stream would keep the page out of the back/forward cache.
  addEventListener('pagehide', disconnect)
  addEventListener('pageshow', (event) => event.persisted && follow())
  // A metric chosen, say, changes what links must carry on.
  addEventListener('tallymark:view', () => void refresh())
  follow()
}

async function update(onUpdate: () => void): Promise<void> {
  const address = location.href
  const response = await fetch(address, { redirect: 'manual', headers: { accept: 'text/html' } })
  if (response.type === 'opaqueredirect') return location.reload()
  if (!response.ok) throw new Error(`answered ${response.status}`)
  const next = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('main')
  const main = document.getElementById('main')
  if (!next || !main || location.href !== address) return
  for (const figure of morph(main, next)) pointOut(figure)
  onUpdate()
}

function pointOut(figure: Element): void {
  figure.classList.remove('changed')
  void figure.getBoundingClientRect() // without a layout in between the animation would not start again
  figure.classList.add('changed')
}

function show(state: keyof typeof STATES): void {
  const live = document.getElementById('live')
  if (!live || live.dataset.state === state) return
  live.dataset.state = state
  live.textContent = STATES[state]
}
