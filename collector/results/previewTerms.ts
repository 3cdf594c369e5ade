import type { z } from 'zod'
import type { Amounts } from '../money/corrections.ts'
import { MODELS, type termsBody } from '../money/terms.ts'
import { assertRates, type Campaign } from '../registry.ts'
import type { Store } from '../store/store.ts'
import { amountsOf } from './computeStatement.ts'
import { addDays, dayOf, dayStart } from './days.ts'

const DAYS = 30

/** What is owed, in all and by model. Minor units. */
interface Owed {
  owedMinor: number
  unbilledMinor: number
  models: { model: string; results: number; unbilled: number; amountMinor: number }[]
}

export interface TermsPreview {
  currency: string
  /** The last 30 full days of the campaign, both included. */
  from: string
  to: string
  /** Under the terms that held. */
  asAgreed: Owed
  /** Had these terms held instead on all of these days. What was pending stays so. */
  asProposed: Owed
  differenceMinor: number
}

function summed({ lines, unbilledMinor }: Amounts): Owed {
  const models = MODELS.flatMap((model) => {
    const own = lines.filter((line) => line.model === model)
    const sum = (of: (line: (typeof lines)[number]) => number) => own.reduce((total, line) => total + of(line), 0)
    const amountMinor = sum((line) => line.amountMinor)
    return own.length === 0
      ? []
      : [{ model, results: sum(({ results }) => results), unbilled: sum(({ unbilled }) => unbilled), amountMinor }]
  })
  return { owedMinor: models.reduce((sum, { amountMinor }) => sum + amountMinor, 0), unbilledMinor: Number(unbilledMinor), models }
}

/** What terms would have meant for the last 30 days. Changes nothing. Throws RefusalError where a rate does not fit the currency. */
export async function previewTerms(
  campaign: Campaign,
  { from: _, ...body }: z.output<typeof termsBody>,
  { store, now }: { store: Store; now: number },
): Promise<TermsPreview> {
  assertRates(campaign, body.pays)
  const { timeZone, currency, terms } = campaign
  const to = addDays(dayOf(now, timeZone), -1)
  const from = addDays(to, 1 - DAYS)
  const start = dayStart(from, timeZone)
  const proposed = { ...body, version: terms.length + 1, from: start }
  const earlier = terms.filter((version) => version.from < start)
  const asAgreed = summed(await amountsOf(campaign, { from, to }, store))
  const asProposed = summed(await amountsOf({ ...campaign, terms: [...earlier, proposed] }, { from, to }, store))
  return { currency, from, to, asAgreed, asProposed, differenceMinor: asProposed.owedMinor - asAgreed.owedMinor }
}
