import { createHash } from 'node:crypto'
import type { BudgetName } from '../money/pace.ts'

/** Percent of a budget at which word is given. */
export const THRESHOLDS = [50, 80, 100] as const
export type Threshold = (typeof THRESHOLDS)[number]

/** A budget was used up to a threshold. Amounts are minor units of `currency`. */
export interface Alert {
  id: string
  campaign: string
  budget: BudgetName
  /** The month `2026-11`, the day `2026-11-24`; '' for the total. */
  period: string
  threshold: Threshold
  limitMinor: number
  /** When it was noticed. */
  owedMinor: number
  currency: string
  /** ms since the epoch. */
  at: number
}

/** What makes an alert another one than those before: each is given once, also where several processes notice it. */
export type AlertKey = Pick<Alert, 'campaign' | 'budget' | 'period' | 'threshold' | 'limitMinor'>

/** The first 128 bits of a hash, as text without a full stop. */
export function shortHash(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}

/** The id of an alert: the same for the same campaign, budget, period, threshold and agreed limit. */
export function alertId({ campaign, budget, period, threshold, limitMinor }: AlertKey): string {
  return `alert_${shortHash([campaign, budget, period, threshold, limitMinor])}`
}
