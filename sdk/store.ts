import type { Environment } from './environment.ts'
import { stringify } from './stringify.ts'
import type { Consent } from './wire.ts'

/** What is remembered of one site: in memory, and on the visitor's device as far as consent allows and the browser can. Never throws. */
export interface Store {
  /** All that is remembered, in no order. Takes in what the device has, and forgets what another tab took off it. */
  recall(): unknown[]
  /** Takes `item` in unless there is one of that name, and has the next `keep` write what is there. */
  hold(name: string, item: unknown): void
  /** Brings the device in line: with consent `granted` it gets what it has not, with `denied` it loses all, with `pending` it is left alone. */
  keep(): void
  erase(name: string): unknown
}

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
              items.set(name, JSON.parse(storage[name]))
              kept.add(name)
            })
      })
      return [...items.values()]
    },
    hold(name, item) {
      const full = prefix + name
      items.set(full, items.get(full) ?? item)
      kept.delete(full)
    },
    keep() {
      const isGranted = consent() === 'granted'
      if (!isGranted) kept.clear()
      for (const [name, item] of items)
        if (!kept.has(name))
          attempt((storage) => {
            if (isGranted) {
              storage.setItem(name, stringify(item))
              kept.add(name)
            } else storage.removeItem(name)
          })
    },
    erase(name) {
      const full = prefix + name
      items.delete(full)
      attempt((storage) => storage.removeItem(full))
    },
  }
}
