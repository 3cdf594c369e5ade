import type { Environment } from './environment.ts'
import type { Consent } from './wire.ts'

/** A list that lives in memory and, as far as that is allowed and possible, on the device. */
export interface KeptList<T> {
  read(): T[]
  add(item: T): void
  /** For good: an entry that another tab writes back is not seen again on this page. */
  remove(items: readonly T[]): void
  /** Brings the device in line with the consent: writes what memory holds, or takes all of it into memory. */
  save(): void
}

/**
 * Keeps a list under `key`, a JSON array. `nameOf` tells entries apart, `bound` drops what is too much.
 *
 * With consent `granted` the device has the list, `denied` removes it there, and `pending` leaves the device alone. Each write reads first, because every tab
 * of the origin writes the same key. Content that cannot be read is discarded; storage that throws leaves the list in memory.
 */
export function keepList<T>(
  environment: Environment,
  key: string,
  { consent, nameOf, bound }: { consent: () => Consent; nameOf: (item: T) => unknown; bound: (list: T[]) => T[] },
): KeptList<T> {
  let own: T[] = []
  const removed = new Set<unknown>()
  const isLeft = (item: T) => !removed.has(nameOf(item))

  const read = () => {
    const byName = new Map<unknown, T>()
    const take = (list: T[]) => {
      for (const item of list.filter(isLeft)) byName.set(nameOf(item), item)
    }
    take(own)
    try {
      if (consent() !== 'pending') take(JSON.parse(environment.storage().getItem(key) ?? '[]'))
    } catch {
      // No storage, or not ours.
    }
    return bound([...byName.values()])
  }

  const save = () => {
    const list = read()
    // While the device has the list, memory keeps only what this page added: what another tab has removed is gone.
    own = consent() === 'granted' ? bound(own.filter(isLeft)) : list
    try {
      if (consent() === 'granted' && list[0]) environment.storage().setItem(key, JSON.stringify(list))
      else if (consent() !== 'pending') environment.storage().removeItem(key)
    } catch {
      // Refused or full: memory has it.
    }
  }

  return {
    read,
    save,
    add(item) {
      own.push(item)
      save()
    },
    remove(items) {
      for (const item of items) removed.add(nameOf(item))
      save()
    },
  }
}
