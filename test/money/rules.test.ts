import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

/** Each rule of money and of attribution, and a test that holds it: file and title. */
const RULES: [rule: string, file: string, title: string][] = [
  ['amounts are integers of minor units', 'money/bill.test.ts', 'owes in the minor units that a currency has'],
  ['currencies are never added together', 'routes/results.test.ts', 'never adds currencies'],
  ['CPM, viewable CPM, CPC, CPL, CPS, mixed', 'money/campaigns.test.ts', 'random campaigns what an oracle works out'],
  ['rounding is on the running total, half to even', 'money/bill.test.ts', 'rounds half to the even unit'],
  ['parts add up to the whole', 'money/bill.test.ts', 'gives parts that add up to the whole, whatever it is cut into'],
  ['terms hold from an instant', 'money/bill.test.ts', 'are those in force at an instant'],
  [
    'terms for the past bill anew',
    'routes/closing.test.ts',
    'bills a closed period anew by corrections when terms are agreed for the past',
  ],
  ['budgets bound what is owed, in order of time', 'results/budgets.property.test.ts', 'bound what is owed to the unit'],
  ['what lies over a budget is shown and not owed', 'money/lastUnit.test.ts', 'owes to the last unit of a budget'],
  ['refund, cancel, restate', 'routes/adjustments.test.ts', 'takes a part that was paid back off the order'],
  ['approve and reject, and a validation period', 'routes/adjustments.test.ts', 'holds leads and sales until it has passed'],
  [
    'both views have equal sums',
    'results/views.property.test.ts',
    'tells the same sums on the day of the result and on the day of the correction',
  ],
  ['a closed period is immutable', 'routes/closing.test.ts', 'closes a period for good'],
  ['a statement is byte-identical when made again', 'money/golden.test.ts', 'gives the bytes on record'],
  ['a statement is proved offline', 'routes/statements.test.ts', 'is checked from a file by the command, without a store'],
  ['the journey travels with the conversion', 'sdk/journey.test.ts', 'a conversion carries all touches'],
  [
    'the last click, else the last viewed impression',
    'attribution/credits.property.test.ts',
    'the last click, else the last viewed impression',
  ],
  ['a direct visit overwrites nothing', 'sdk/journey.test.ts', 'a direct visit overwrites nothing'],
  ['what was credited never changes', 'routes/explain.test.ts', 'keeps the credit that was given when windows change later'],
  ['other models are reports', 'routes/attribution.test.ts', 'changes nothing of the bill'],
  ['explain shows winner, losers and why', 'routes/explain.test.ts', 'says of each touch why it won or lost'],
]

it.each(RULES)('%s: a test says so', (_, file, title) => {
  expect(readFileSync(resolve(import.meta.dirname, '..', file), 'utf8')).toContain(title)
})
