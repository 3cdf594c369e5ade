import type { Store } from './store.ts'

/** Whoever appended hears of a failure; there is nothing to tell then. */
const ignore = () => {}

/** The same store, and a way to be told after each durable commit. */
export function observed(store: Store): { store: Store; onCommit: (listener: () => void) => () => void } {
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    store: {
      ...store,
      append(events, failed) {
        const appended = store.append(events, failed)
        if (listeners.size > 0) appended.then(tell, ignore)
        return appended
      },
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
