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
  const items: Record<string, unknown> = {}
  /** Names of what the device has as it is in `items`. */
  let kept: Record<string, unknown> = {}
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
        for (const name in kept) if (!(name in storage)) delete items[name]
        for (const name in storage)
          if (name.startsWith(prefix) && !items[name])
            attempt(() => {
              items[name] = kept[name] = JSON.parse(storage[name])
            })
      })
      return Object.values(items)
    },
    hold(name, item) {
      items[prefix + name] ??= item
      delete kept[prefix + name]
    },
    keep() {
      const isGranted = consent() === 'granted'
      if (!isGranted) kept = {}
      for (const [name, item] of Object.entries(items))
        if (!kept[name])
          attempt((storage) => {
            if (isGranted) {
              storage[name] = stringify(item)
              kept[name] = item
            } else delete storage[name]
          })
    },
    erase(name) {
      delete items[prefix + name]
      attempt((storage) => delete storage[prefix + name])
    },
  }
}
