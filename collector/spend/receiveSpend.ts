import { type Rejection, WireError } from '../../sdk/wire.ts'
import type { Registry } from '../registry.ts'
import { addDays, dayOf } from '../results/days.ts'
import { readSpend, type Spend, spendKey } from './readSpend.ts'
import type { SpendOutcome } from './spendBook.ts'

/** What became of each item of a request. */
export interface SpendReceipt {
  accepted: number
  unchanged: number
  corrected: number
  rejected: (Rejection & { line?: number })[]
  /** One for each item, in their order. */
  outcomes: (SpendOutcome | 'rejected')[]
}

/** An item as it was sent; `line` where it stands in a file. */
export interface SpendItem {
  value: unknown
  line?: number
  /** Why it cannot be read at all. */
  error?: { field: string; message: string }
}

function checked({ value, error }: SpendItem, lastDay: string): Spend {
  if (error) throw new WireError('invalid_spend', error.field, error.message)
  return readSpend(value, lastDay)
}

/**
 * Takes in what was spent: all good items in one durable commit, none when they are known already.
 *
 * Two items of one key are both rejected: whether they are parts of a sum or one that was copied, only the sender knows.
 */
export async function receiveSpend(items: SpendItem[], { registry, now }: { registry: Registry; now: number }): Promise<SpendReceipt> {
  const lastDay = addDays(dayOf(now, 'UTC'), 1) // it is tomorrow somewhere
  const rejected: SpendReceipt['rejected'] = []
  const reject = (index: number, error: WireError) => {
    const line = items[index]?.line
    const { code, field, message } = error
    rejected.push({
      index,
      ...(line !== undefined && { line }),
      code,
      field,
      message: line === undefined ? message : `line ${line}: ${message}`,
    })
  }
  const good = new Map<string, { index: number; spend: Spend }[]>()
  for (const [index, item] of items.entries()) {
    try {
      const spend = checked(item, lastDay)
      const key = spendKey(spend)
      const alike = good.get(key)
      if (alike) alike.push({ index, spend })
      else good.set(key, [{ index, spend }])
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      reject(index, error)
    }
  }
  const taken: { index: number; spend: Spend }[] = []
  for (const alike of good.values()) {
    const [first, ...others] = alike
    if (first && others.length === 0) taken.push(first)
    else for (const { index, spend } of alike) reject(index, twice(spend, alike.length))
  }
  const found = await registry.putSpend(taken.map(({ spend }) => spend))
  const outcomes: SpendReceipt['outcomes'] = items.map(() => 'rejected')
  for (const [i, { index }] of taken.entries()) outcomes[index] = found[i] ?? 'rejected'
  const count = (outcome: SpendOutcome) => outcomes.filter((one) => one === outcome).length
  return {
    accepted: count('accepted'),
    unchanged: count('unchanged'),
    corrected: count('corrected'),
    rejected: rejected.sort((a, b) => a.index - b.index),
    outcomes,
  }
}

function twice({ source, campaign, day, currency }: Spend, times: number): WireError {
  const what = `${source}, ${campaign}, ${day}, ${currency}`
  return new WireError('conflict', 'spend', `there are ${times} rows of ${what}; send one with their sum`)
}
