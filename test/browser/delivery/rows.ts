import { vi } from 'vitest'
import type { Tab } from '../engines/engine.ts'
import { settled } from '../engines/settled.ts'
import type { Place } from '../place.ts'
import { refuseTwice } from './refuseTwice.ts'
import { recordOf, type Visitor } from './visitor.ts'

/** One way in which events get lost elsewhere. */
export interface Row {
  name: string
  /** How many events happen. */
  events: number
  /** Whether they must arrive without another visit. Of a page that closes none has to, and offline none can. */
  isAtOnce: boolean
  /** An endpoint of its own, instead of the collector behind a proxy. */
  endpoint?(place: Place): Promise<{ address: string; close(): Promise<void> }>
  /** Lets the events happen in `tab`, and resolves with the tabs that are open then, when nothing is left but to wait. */
  run(visitor: Visitor, tab: Tab): Promise<Tab[]>
}

const ELSEWHERE = "location.pathname === '/elsewhere'"

const placementOf = ({ path }: Visitor) => decodeURIComponent(path.slice(1))

/** Takes the network away from `tab`, and where the browser has no switch for that, from the collector. */
async function setOffline({ proxy }: Visitor, tab: Tab, isOffline: boolean): Promise<void> {
  proxy.set({ down: isOffline })
  await tab.setOffline(isOffline)
}

/** Resolves when an attempt to send has failed, or nothing is left to send. */
const attempt = (tab: Tab) => tab.evaluate(`tallymark('flush').then(() => true)`)

export const ROWS: Row[] = [
  {
    name: 'click on a link that leaves the page at once',
    events: 1,
    isAtOnce: true,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.click('#ad')
      await settled(tab, ELSEWHERE)
      return [tab]
    },
  },
  {
    name: 'event right before location.href =',
    events: 1,
    isAtOnce: true,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.click('#leave')
      await settled(tab, ELSEWHERE)
      return [tab]
    },
  },
  {
    name: 'event and tab closed at once',
    events: 1,
    isAtOnce: false,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.evaluate(`(${recordOf(placementOf(visitor), 1)}, true)`)
      await tab.close()
      return []
    },
  },
  {
    name: '503 twice, then OK',
    events: 1,
    isAtOnce: true,
    endpoint: ({ collector }) => refuseTwice(collector.address),
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.evaluate(`(${recordOf(placementOf(visitor), 1)}, true)`)
      return [tab]
    },
  },
  {
    name: 'offline, then online again',
    events: 1,
    isAtOnce: true,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await setOffline(visitor, tab, true)
      await tab.evaluate(`(${recordOf(placementOf(visitor), 1)}, true)`)
      await attempt(tab)
      await setOffline(visitor, tab, false)
      return [tab]
    },
  },
  {
    name: 'offline, page closed, back later',
    events: 1,
    isAtOnce: false,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await setOffline(visitor, tab, true)
      await tab.evaluate(`(${recordOf(placementOf(visitor), 1)}, true)`)
      await attempt(tab)
      await tab.close()
      visitor.proxy.set({})
      return []
    },
  },
  {
    name: '200 events in one burst, then navigation',
    events: 200,
    isAtOnce: true,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.click('#burst')
      await settled(tab, ELSEWHERE)
      return [tab]
    },
  },
  {
    name: 'connection cut after the server has committed',
    events: 2,
    isAtOnce: true,
    async run(visitor, tab) {
      await visitor.visit(tab)
      await tab.evaluate(`(${recordOf(placementOf(visitor), 1)}, tallymark('flush').then(() => true))`)
      // The next request goes over the connection that is open, so that Chromium sends it again by itself. One answer is dropped.
      visitor.proxy.set({ dropResponse: 0.5 })
      await tab.evaluate(`(${recordOf(placementOf(visitor), 2)}, true)`)
      await vi.waitUntil(() => visitor.proxy.figures.droppedResponses > 0, { timeout: 10_000, interval: 10 })
      return [tab]
    },
  },
  {
    name: 'two tabs',
    events: 2,
    isAtOnce: true,
    async run(visitor, tab) {
      const tabs = [tab, await visitor.profile.newTab()]
      await Promise.all(tabs.map((one) => visitor.visit(one)))
      for (const one of tabs) await setOffline(visitor, one, true)
      for (const [i, one] of tabs.entries()) await one.evaluate(`(${recordOf(placementOf(visitor), i + 1)}, true)`)
      await Promise.all(tabs.map(attempt))
      await Promise.all(tabs.map((one) => setOffline(visitor, one, false)))
      return tabs
    },
  },
  {
    name: 'back and forth through the back/forward cache',
    events: 4,
    isAtOnce: true,
    async run(visitor, tab) {
      const placement = placementOf(visitor)
      // The landing is one event, and must not be again when the page comes back.
      await visitor.visit(tab, `?utm_campaign=spring&utm_content=1`)
      // Left with a request under way.
      await tab.evaluate(`(${recordOf(placement, 2)}, true)`)
      await tab.click('#away')
      await settled(tab, ELSEWHERE)
      await tab.back()
      // Left with nothing to do, so that nothing keeps it out of the cache.
      await tab.evaluate(`(${recordOf(placement, 3)}, true)`)
      await attempt(tab)
      await tab.forward()
      await tab.back()
      if (visitor.engine.hasPageCache && !(await tab.evaluate('cameBack')))
        throw new Error('the page did not come from the back/forward cache')
      await tab.evaluate(`(${recordOf(placement, 4)}, true)`)
      return [tab]
    },
  },
]
