import type { Terms } from '../money/terms.ts'
import type { Hold, LedgerEvent } from '../store/store.ts'

const DAY_MS = 86_400_000

/** What keeps a conversion pending under the terms in force when it occurred: nothing when its validation period was over before it came. */
export function holdUnder(
  terms: Pick<Terms, 'validationDays' | 'evidence'> | undefined,
  { occurredAt, receivedAt, witness }: Pick<LedgerEvent, 'occurredAt' | 'receivedAt' | 'witness'>,
): Hold {
  if (!terms) return {}
  const dueAt = occurredAt + terms.validationDays * DAY_MS
  return { ...(dueAt > receivedAt && { dueAt }), ...(terms.evidence === 'server' && witness === 'browser' && { awaits: 'server' }) }
}
