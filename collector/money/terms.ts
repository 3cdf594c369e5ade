import { z } from 'zod'
import { currencyExponent } from '../../sdk/wire.ts'

/** Models of the trade, in the order in which lines are shown. CPL pays for signups (leads), CPS for purchases (sales). */
export const MODELS = ['cpm', 'vcpm', 'cpc', 'cpl', 'cps'] as const
export type Model = (typeof MODELS)[number]

/** Decimals that a rate may have beyond those of its currency, and that a share may have: a millionth. */
const EXTRA_DECIMALS = 6

const decimal = z.string().regex(/^\d{1,12}(?:\.\d{1,12})?$/, 'must be a decimal string like "37.50"')
const money = decimal.nullable().default(null)

const isShare = (share: string | undefined) => share === undefined || Number(share) <= 1
const SHARE_HELP = 'must be a part of the value from 0 to 1, like "0.10" for 10 %'

const tier = z
  .object({ from: z.int().min(2), rate: decimal.exactOptional(), share: decimal.exactOptional() })
  .refine(({ share }) => isShare(share), { path: ['share'], message: SHARE_HELP })

/** How results are paid under one model. */
const pay = z
  .object({
    model: z.enum(MODELS),
    rate: decimal.exactOptional(),
    share: decimal.exactOptional(),
    /** What is paid instead from a number of results on, counted over the whole campaign: `[{"from": 101, "share": "0.12"}]`. */
    tiers: z.array(tier).max(20).exactOptional(),
  })
  .refine(({ rate, share }) => (rate === undefined) !== (share === undefined), { message: 'must have either a rate or a share' })
  .refine(({ model, share }) => share === undefined || model === 'cps', { path: ['share'], message: 'goes with the model cps only' })
  .refine(({ share }) => isShare(share), { path: ['share'], message: SHARE_HELP })
  .refine(
    ({ rate, tiers = [] }) =>
      tiers.every((one) => (one.rate === undefined) === (rate === undefined) && (one.share === undefined) !== (rate === undefined)),
    { path: ['tiers'], message: 'must each have a rate where the model has one, and a share where it has that' },
  )
  .refine(({ tiers = [] }) => tiers.every(({ from }, i) => i === 0 || from > (tiers[i - 1]?.from ?? 0)), {
    path: ['tiers'],
    message: 'must begin at ascending numbers of results',
  })
export type Pay = z.output<typeof pay>

const number = z.int().min(0).nullable().default(null)
const resultBudget = z.object({ model: z.enum(MODELS), total: number, monthly: number, daily: number })
/** Budgets in numbers of results, each model at most once. */
const resultBudgets = z
  .array(resultBudget)
  .refine((list) => new Set(list.map(({ model }) => model)).size === list.length, { message: 'must name each model once' })

/** The body of `POST /v1/campaigns/:id/terms`. */
export const termsBody = z.object({
  from: z.iso.datetime({ offset: true, message: 'must be ISO 8601 with an offset, like 2026-11-01T00:00:00+01:00' }).optional(),
  pays: z
    .array(pay)
    .max(10)
    .refine((pays) => new Set(pays.map(({ model, share }) => `${model} ${share === undefined}`)).size === pays.length, {
      message: 'must name each model once (cps once with a rate and once with a share)',
    }),
  budget: z
    .object({
      total: money,
      monthly: money,
      daily: money,
      results: resultBudgets.exactOptional(),
      pace: z.enum(['even', 'asap']).exactOptional(),
    })
    .default({ total: null, monthly: null, daily: null }),
  windows: z
    .object({ clickDays: z.number().min(0).max(90).default(30), viewDays: z.number().min(0).max(90).default(1) })
    .default({ clickDays: 30, viewDays: 1 }),
  validationDays: z.int().min(0).max(90).default(0),
  evidence: z.enum(['browser', 'server']).default('browser'),
  status: z.enum(['active', 'paused']).default('active'),
})

/** One version of a campaign's terms. Amounts stay the decimal strings that were agreed. */
export interface Terms extends Omit<z.output<typeof termsBody>, 'from'> {
  /** 1 for the first version that was posted. */
  version: number
  /** Instant of effect, ms. */
  from: number
}

/** Windows of a campaign that has no terms: the trade's usual ones. */
export const DEFAULT_WINDOWS = { clickDays: 30, viewDays: 1 }

/**
 * The terms in force at `at` (ms): of those that hold by then, the one that holds from the latest instant; of several from the same
 * instant, the one posted last. Undefined before the first.
 */
export function termsAt(versions: Terms[], at: number): Terms | undefined {
  let inForce: Terms | undefined
  for (const terms of versions) if (terms.from <= at && (!inForce || terms.from >= inForce.from)) inForce = terms
  return inForce
}

/** `value × 10^decimals` of a decimal string, exact. Throws RangeError when it has more decimals than that. */
export function scaled(value: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = value.split('.')
  const digits = fraction.replace(/0+$/, '')
  if (digits.length > decimals) throw new RangeError(`${value} must have at most ${decimals} decimals`)
  return BigInt(whole + digits.padEnd(decimals, '0'))
}

/** A rate in millionths of a minor unit of `currency`. Throws RangeError on too many decimals. */
export const rateMicros = (rate: string, currency: string): bigint => scaled(rate, (currencyExponent(currency) ?? 2) + EXTRA_DECIMALS)

/** A share of the value in millionths. Throws RangeError on too many decimals. */
export const shareMicros = (share: string): bigint => scaled(share, EXTRA_DECIMALS)
