import type { LedgerEvent, Verdict } from '../store/store.ts'
import { type Click, type ClickRules, clickVerdict } from './clickVerdict.ts'

const KEEP_MS = 86_400_000 // the longest limit; a visitor's key lives no longer
const MAX_VISITORS = 100_000
const MAX_CLICKS = 200 // of one visitor on one campaign: beyond the highest limit that makes sense

/** Recent clicks by visitor and campaign, in memory and bounded: what is forgotten can only make a click count that should not. */
export interface ClickHistory {
  /** Judges a click and remembers it. */
  judge(visitor: string, campaign: string, click: Omit<Click, 'verdict'>, rules: ClickRules): Verdict
  /** Takes up clicks of the ledger, oldest first, as after a restart. */
  recall(events: LedgerEvent[]): void
}

export function clickHistory(): ClickHistory {
  const visitors = new Map<string, Click[]>()

  function clicksOf(visitor: string, campaign: string, at: number): Click[] {
    const key = `${visitor} ${campaign}`
    const recent = (visitors.get(key) ?? []).filter((click) => at - click.at < KEEP_MS).slice(-MAX_CLICKS)
    visitors.delete(key)
    if (visitors.size >= MAX_VISITORS) visitors.delete(visitors.keys().next().value ?? '')
    visitors.set(key, recent) // now the youngest of the map
    return recent
  }

  return {
    judge(visitor, campaign, click, rules) {
      const clicks = clicksOf(visitor, campaign, click.at)
      const verdict = clickVerdict(clicks, click, rules)
      if (!clicks.some(({ id }) => id === click.id)) clicks.push({ ...click, verdict })
      return verdict
    },
    recall(events) {
      for (const { id, campaign, occurredAt, tags, verdict, evidence } of events) {
        if (evidence.visitor === undefined) continue
        clicksOf(evidence.visitor, campaign, occurredAt).push({ id, at: occurredAt, placement: tags.placement, verdict })
      }
    },
  }
}
