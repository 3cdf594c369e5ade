import type { Store } from './store.ts'

/** The same store, and a way to be told after each durable commit. */
export function observed(store: Store): { store: Store; onCommit: (listener: () => void) => () => void } {
  const listeners = new Set<() => void>()
  return {
    store: {
      ...store,
      async append(events, failed) {
        const outcomes = await store.append(events, failed)
        for (const listener of listeners) listener()
        return outcomes
      },
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
