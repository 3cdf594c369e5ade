import type { Verdict, Witness } from '../store/store.ts'

/** Why an event counts, or does not, in a sentence. */
export const VERDICT_REASONS: Record<Verdict, string> = {
  counted: 'It counts.',
  test: 'It does not count: it was marked as a test, or sent from a page on localhost.',
  bot: 'It does not count: the user agent was empty or said that it is a bot.',
  automation: 'It does not count: the browser said that a program drives it.',
  prefetch: 'It does not count: the browser fetched the page ahead, and nobody may have seen it.',
  double_click: 'It does not count: the same visitor had clicked the same ad moments before.',
  repeat_click: 'It does not count: the same visitor had clicked this campaign within its repeat time.',
  rate: 'It does not count: one visitor clicked the campaign more often than its click limits allow.',
  reversed: 'It does not count any more: it was refunded, cancelled or rejected after it was reported.',
  pending: 'It does not count yet: it waits for approval, for the end of its campaign’s validation period, or for a server to confirm it.',
}

/** Who told us of an event, in a sentence. */
export const WITNESS_REASONS: Record<Witness, string> = {
  browser: 'The visitor’s browser reported it, and no server has.',
  server: 'A server reported it with the site’s secret key; no browser has.',
  both: 'A browser and a server reported it; where they differ, the server’s word stands.',
}

/** What became of a touch. Closed list. */
export const TOUCH_REASONS = {
  last_click: 'It won: the last click in its campaign’s window.',
  last_impression: 'It won: no click was in its window, and this was the last viewed impression in its own.',
  earlier_click: 'A later click in its window won.',
  earlier_impression: 'A later viewed impression won.',
  click_wins: 'A click in its window won; a click goes before an impression.',
  out_of_window: 'It was longer ago than its campaign’s window reaches.',
  after_conversion: 'It came after the conversion, so it cannot have led to it.',
  other_campaign: 'The page or server named another campaign itself, and no touch overrules that.',
  payment_return: 'The visitor came back from a payment provider, which is no new contact with a campaign.',
  frozen: 'By the windows that hold now it would have won; what was credited and billed before they were changed stays as it was.',
} as const
export type TouchReason = keyof typeof TOUCH_REASONS

/** How a conversion came to its campaign. Closed list. */
export const CREDIT_REASONS = {
  named: 'The page or server named the campaign itself.',
  click: 'By the last click in the window of its campaign.',
  impression: 'By the last viewed impression in the window of its campaign; no click was in one.',
  none: 'No campaign has it: none was named, and no touch was in its window.',
} as const
export type CreditHow = keyof typeof CREDIT_REASONS

/** Whether an event is billed. Closed list. */
export const BILLING_REASONS = {
  billed:
    'It is billed under the terms that held when it occurred. Amounts are rounded on the campaign’s running total, so a single event has a rate and no amount.',
  not_counted: 'What does not count is not billed.',
  no_campaign: 'No campaign has it, so nobody owes anything for it.',
  not_set_up: 'The campaign is not set up, so nothing is owed. Make it with PUT /v1/campaigns/ID.',
  no_terms: 'The campaign had no terms when it occurred, so nothing is owed. Terms may be posted for the past, too.',
  paused: 'The terms that held when it occurred were paused, so nothing is owed.',
  not_paid: 'The terms that held when it occurred pay nothing for an event of this kind.',
  other_currency: 'The terms pay a share of the value, and the value is in another currency than the campaign’s: nothing is converted.',
  budget: 'It counts, but the campaign’s budget was used up by then: it is unbilled.',
} as const
export type BillingCode = keyof typeof BILLING_REASONS
