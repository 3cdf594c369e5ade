import type { Environment } from './environment.ts'
import { stringify } from './stringify.ts'
import type { Consent } from './wire.ts'

/** What is remembered of one site: in memory, and on the visitor's device as far as consent allows and the browser can. Never throws. */
export interface Store {
  /** All that is remembered, in no order. Takes in what the device has, and forgets what another tab took off it. */
  recall(): unknown[]
  /** Takes `item` in unless there is one of that name, and has the next `keep` write what is there. */
  put(name: string, item: unknown): void
  /** Brings the device in line: with consent `granted` it gets what it has not, with `denied` it loses all, with `pending` it is left alone. */
  keep(): void
  forget(name: string): void
}

const { parse } = JSON

/** Opens `localStorage`, one item of it for each thing remembered, so that no tab overwrites what another one adds. */
export function openStore(environment: Environment, site: string, consent: () => Consent): Store {
  const prefix = `tallymark.${site}.`
  const items = new Map<string, unknown>()
  const kept = new Set<string>()
  const attempt = (use: (storage: Storage) => unknown) => {
    try {
      if (consent() !== 'pending') use(environment.localStorage)
    } catch {
      // Refused, full, or not ours: memory has it.
    }
  }
  return {
    recall() {
      attempt((storage) => {
        const names = Object.keys(storage).filter((name) => name.startsWith(prefix))
        for (const name of kept) if (!names.includes(name)) items.delete(name)
        for (const name of names)
          if (!items.has(name))
            attempt(() => {
              items.set(name, parse(storage[name]))
              kept.add(name)
            })
      })
      return [...items.values()]
    },
    put(name, item) {
      if (!items.has(prefix + name)) items.set(prefix + name, item)
      kept.delete(prefix + name)
    },
    keep() {
      for (const [name, item] of items)
        if (consent() !== 'granted') attempt((storage) => storage.removeItem(name))
        else if (!kept.has(name))
          attempt((storage) => {
            storage.setItem(name, stringify(item))
            kept.add(name)
          })
      if (consent() === 'denied') kept.clear()
    },
    forget(name) {
      items.delete(prefix + name)
      attempt((storage) => storage.removeItem(prefix + name))
    },
  }
}
