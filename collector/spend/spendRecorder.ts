import type { Spend } from './readSpend.ts'
import type { SpendBook, SpendOutcome } from './spendBook.ts'

/** Rows of one version of the configuration: all of a request, and a line of an export that still fits. */
const GROUP = 10_000

/** Records spend one request after the other, each judged by all that came before it. `put` resolves when what is new of it is durable and in the book. */
export function spendRecorder(
  book: SpendBook,
  { refresh, put }: { refresh: () => Promise<void>; put: (rows: Spend[]) => Promise<void> },
): (rows: Spend[]) => Promise<SpendOutcome[]> {
  async function record(rows: Spend[]): Promise<SpendOutcome[]> {
    await refresh() // another process may have imported meanwhile
    const outcomes = rows.map(book.outcomeOf)
    const news = rows.filter((_, i) => outcomes[i] !== 'unchanged')
    for (let at = 0; at < news.length; at += GROUP) await put(news.slice(at, at + GROUP))
    return outcomes
  }
  let last: Promise<unknown> = Promise.resolve()
  return (rows) => {
    const next = last.then(() => record(rows))
    last = next.catch(() => {}) // whoever sent it hears of it
    return next
  }
}
