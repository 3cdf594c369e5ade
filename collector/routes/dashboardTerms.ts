import type { z } from 'zod'
import type { Collector } from '../app.ts'
import type { TermsView } from '../dashboard/terms-page.tsx'
import { RefusalError } from '../errors.ts'
import { MODELS, type Terms, termsAt, termsBody } from '../money/terms.ts'
import type { Campaign } from '../registry.ts'
import { previewTerms } from '../results/previewTerms.ts'

/** What the dashboard's page of terms is handed. */
export interface DashboardTerms {
  /** The form as it stands, filled in with the terms in force or with what was given, and what these would have meant. Undefined without such a campaign. */
  view(campaign: string, given: Record<string, string>): Promise<TermsView | undefined>
  /** Agrees new terms from now on. Rejects with RefusalError naming the field that is wrong. */
  agree(campaign: string, given: Record<string, string>): Promise<void>
}

/** A share as a person writes it: `12.5` for 0.125, exact. */
function toPercent(share: string): string {
  const [whole = '0', fraction = ''] = share.split('.')
  const digits = `${whole}${fraction.padEnd(2, '0')}`
  const percent = `${digits.slice(0, whole.length + 2)}.${digits.slice(whole.length + 2)}`
  return percent.replace(/^0+(?=\d)/, '').replace(/\.?0*$/, '')
}

/** Back from per cent. What is no number comes through as it is, to be refused with the rest. */
function toShare(percent: string): string {
  const [, whole = '', fraction = ''] = /^(\d{1,3})(?:\.(\d{1,10}))?$/.exec(percent) ?? []
  if (whole === '') return percent
  const digits = `${whole.padStart(3, '0')}${fraction}`
  return `${digits.slice(0, -2 - fraction.length)}.${digits.slice(-2 - fraction.length)}`
}

/** The fields of the form for terms: a rate for each model, `share` in per cent, the budgets, `status`. */
function fieldsOf(terms: Terms | undefined): Record<string, string> {
  const fields: Record<string, string> = { status: terms?.status ?? 'active' }
  for (const { model, rate, share } of terms?.pays ?? []) {
    if (rate !== undefined) fields[model] = rate
    if (share !== undefined) fields.share = toPercent(share)
  }
  for (const span of ['total', 'monthly', 'daily'] as const) fields[span] = terms?.budget[span] ?? ''
  return fields
}

/** The terms that a form proposes: what it does not ask for (tiers, windows, validation, evidence, budgets of results) stays as it is in force. */
function bodyOf(given: Record<string, string>, inForce: Terms | undefined): z.output<typeof termsBody> {
  const kept: z.output<typeof termsBody> | Terms = inForce ?? termsBody.parse({ pays: [] })
  const tiersOf = (model: string, kind: 'rate' | 'share') => {
    const tiers = kept.pays.find((pay) => pay.model === model && pay[kind] !== undefined)?.tiers
    return tiers && { tiers }
  }
  const filled = (name: string) => (given[name] ?? '').trim()
  const rates = MODELS.flatMap((model) => (filled(model) === '' ? [] : [{ model, rate: filled(model), ...tiersOf(model, 'rate') }]))
  const share = filled('share') === '' ? [] : [{ model: 'cps', share: toShare(filled('share')), ...tiersOf('cps', 'share') }]
  const budget = Object.fromEntries(['total', 'monthly', 'daily'].map((span) => [span, filled(span) === '' ? null : filled(span)]))
  const read = termsBody.safeParse({
    ...kept,
    from: undefined,
    pays: [...rates, ...share],
    budget: { ...kept.budget, ...budget },
    status: given.status,
  })
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field = issue?.path.join('.') ?? 'terms'
  throw new RefusalError('invalid_request', `${field}: ${issue?.message}`, field)
}

export function dashboardTerms({ store, registry, now }: Collector): DashboardTerms {
  const inForce = ({ terms }: Campaign) => termsAt(terms, now())
  return {
    async view(id, given) {
      const campaign = registry.campaign(id)
      if (!campaign) return undefined
      const isGiven = Object.keys(given).length > 0
      const fields = isGiven ? given : fieldsOf(inForce(campaign))
      if (!isGiven) return { campaign, fields }
      try {
        return { campaign, fields, preview: await previewTerms(campaign, bodyOf(given, inForce(campaign)), { store, now: now() }) }
      } catch (error) {
        if (!(error instanceof RefusalError)) throw error
        return { campaign, fields, refused: error.message }
      }
    },
    async agree(id, given) {
      const campaign = registry.campaign(id)
      if (!campaign) throw new RefusalError('not_found', `there is no campaign "${id}"`)
      await registry.addTerms(id, bodyOf(given, inForce(campaign)))
    },
  }
}
