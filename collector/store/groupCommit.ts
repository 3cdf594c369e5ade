import { StoreError } from './store.ts'

interface Waiting<Item, Done> {
  items: Item[]
  resolve: (done: Done[]) => void
  reject: (error: unknown) => void
}

export interface GroupCommitOptions<Item, Done> {
  /** Commits durably and gives one outcome per item. What it throws is passed to every caller of the group. */
  commit: (items: Item[]) => Done[]
  /** Items in one commit, so that one commit stays short. Default 2,000. */
  maxGroup?: number
  /** Items waiting, over which `add` rejects with `overloaded`. Default 50,000. */
  maxWaiting?: number
}

export interface GroupCommit<Item, Done> {
  /** Resolves, with an outcome per item, after the commit that holds all of them. */
  add(items: Item[]): Promise<Done[]>
  /** True while `add` would reject. */
  isFull(): boolean
  /** Commits what is waiting. */
  flush(): void
}

/**
 * Makes one commit out of what many callers hand over in the same turn of the event loop.
 *
 * A durable commit costs a disk flush whatever it holds: while one runs, requests gather in the sockets, are read
 * together afterwards and share the next. No timer, so that a lone event waits for nothing.
 */
export function groupCommit<Item, Done>({
  commit,
  maxGroup = 2_000,
  maxWaiting = 50_000,
}: GroupCommitOptions<Item, Done>): GroupCommit<Item, Done> {
  let queue: Waiting<Item, Done>[] = []
  let waiting = 0
  let scheduled = false

  function takeGroup(): Waiting<Item, Done>[] {
    let size = 0
    let count = 0
    for (const { items } of queue) {
      if (count > 0 && size + items.length > maxGroup) break
      size += items.length
      count += 1
    }
    waiting -= size
    return queue.splice(0, count)
  }

  function commitOne(): void {
    const group = takeGroup()
    try {
      const all: Item[] = []
      for (const { items } of group) for (const item of items) all.push(item)
      const done = commit(all)
      let at = 0
      for (const { items, resolve } of group) {
        resolve(done.slice(at, at + items.length))
        at += items.length
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  function run(): void {
    scheduled = false
    if (queue.length === 0) return
    commitOne()
    schedule()
  }

  function schedule(): void {
    if (scheduled || queue.length === 0) return
    scheduled = true
    setImmediate(run)
  }

  return {
    add(items) {
      if (waiting >= maxWaiting) {
        return Promise.reject(new StoreError('overloaded', `store: ${waiting} events are waiting to be committed`))
      }
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject })
        waiting += items.length
        schedule()
      })
    },
    isFull: () => waiting >= maxWaiting,
    flush() {
      while (queue.length > 0) commitOne()
      queue = []
    },
  }
}
