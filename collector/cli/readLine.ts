import { z } from 'zod'
import { currencyExponent, EVENT_TYPES, LIMITS } from '../../sdk/wire.ts'
import { ratesBody } from '../money/rates.ts'
import { checkStatement, statementBody } from '../money/statement.ts'
import { termsBody } from '../money/terms.ts'
import { campaignBody, siteBody } from '../registry.ts'
import { isSpend } from '../spend/readSpend.ts'
import { ACTIONS, type ConfigKind, type ConfigVersion, type LedgerRow, VERDICTS, WITNESSES } from '../store/store.ts'
import { UsageError } from './cli.ts'
import { FORMAT, type Header } from './exportLedger.ts'

type Bag = Record<string, unknown>

/** What is wrong: the field, and what it must be. */
type Problem = string | undefined

const isObject = (value: unknown): value is Bag => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `Date` knows no instants beyond. */
const isTime = (value: unknown) => Number.isSafeInteger(value) && Math.abs(value as number) <= 8.64e15
const isNatural = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
const isId = (value: unknown) => typeof value === 'string' && value !== '' && value.length <= 2 * LIMITS.tagLength

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const oneOf = (names: readonly string[]) => (value: unknown) => names.includes(value as string)
const isType = oneOf(EVENT_TYPES)
const isVerdict = oneOf(VERDICTS)
const isWitness = oneOf(WITNESSES)
const isAction = oneOf(ACTIONS)

/** Loops instead of lists: this runs once per event. */
function problemInTags(tags: unknown): Problem {
  if (!isObject(tags)) return 'tags must be an object'
  for (const name in tags) {
    const value = tags[name]
    if (name === 'segment' || name === 'variant') {
      if (!isObject(value)) return `tags.${name} must be an object`
      for (const key in value) if (typeof value[key] !== 'string') return `tags.${name}.${key} must be a string`
    } else if (typeof value !== 'string') return `tags.${name} must be a string`
  }
  return undefined
}

function problemInAdjustments(list: unknown): Problem {
  if (!Array.isArray(list)) return 'evidence.adjustments must be a list'
  for (const one of list) {
    if (!isObject(one) || !isId(one.id)) return 'evidence.adjustments must each have an id'
    if (!isAction(one.action)) return `evidence.adjustments.action must be one of ${ACTIONS.join(', ')}`
    if (!isTime(one.at)) return 'evidence.adjustments.at must be milliseconds since 1970'
    if (one.valueMinor !== undefined && !isNatural(one.valueMinor))
      return 'evidence.adjustments.valueMinor must be a whole number of minor units'
  }
  return undefined
}

function problemInEvidence(evidence: unknown): Problem {
  if (!isObject(evidence)) return 'evidence must be an object'
  for (const name in evidence) {
    const value = evidence[name]
    if (name === 'view') {
      const { ratio, ms, area } = isObject(value) ? value : {}
      if (!(Number(ratio) >= 0 && Number(ratio) <= 1)) return 'evidence.view.ratio must be a number from 0 to 1'
      if (!isNatural(ms) || !isNatural(area)) return 'evidence.view must have ms and area, whole numbers'
    } else if (name === 'dueAt') {
      if (!isTime(value)) return 'evidence.dueAt must be milliseconds since 1970'
    } else if (name === 'adjustments') {
      const problem = problemInAdjustments(value)
      if (problem) return problem
    } else if (name === 'reported') {
      if (!isObject(value) || !isVerdict(value.verdict)) return `evidence.reported.verdict must be one of ${VERDICTS.join(', ')}`
    } else if (name === 'touches' || name === 'items' || name === 'conflicts') {
      if (!Array.isArray(value)) return `evidence.${name} must be a list`
    } else if (name === 'credit') {
      if (!isObject(value)) return 'evidence.credit must be an object'
    } else if (name !== 'clockAhead' && typeof value !== 'string') return `evidence.${name} must be a string`
  }
  return undefined
}

function problemInValue({ valueMinor, currency }: Bag): Problem {
  if (currency !== undefined && currencyExponent(currency as string) === undefined) return 'currency must be an ISO 4217 code like "NOK"'
  if (valueMinor === undefined) return undefined
  if (!isNatural(valueMinor)) return 'valueMinor must be a whole number of minor units'
  return currency === undefined ? 'currency is missing; valueMinor needs an ISO 4217 code like "NOK"' : undefined
}

function problemIn(row: Bag): Problem {
  if (!isNatural(row.seq)) return 'seq must be the position in the ledger, a whole number'
  if (typeof row.id !== 'string' || !UUID.test(row.id)) return 'id must be a UUID in lower case'
  if (!isType(row.type)) return `type must be one of ${EVENT_TYPES.join(', ')}`
  if (!isId(row.site)) return `site must be a string of 1 to ${LIMITS.tagLength} characters`
  if (row.campaign !== '' && !isId(row.campaign)) return `campaign must be a string of at most ${LIMITS.tagLength} characters`
  if (!isTime(row.occurredAt)) return 'occurredAt must be milliseconds since 1970'
  if (!isTime(row.receivedAt)) return 'receivedAt must be milliseconds since 1970'
  if (!isVerdict(row.verdict)) return `verdict must be one of ${VERDICTS.join(', ')}`
  if (!isWitness(row.witness)) return `witness must be one of ${WITNESSES.join(', ')}`
  if (typeof row.viewable !== 'boolean') return 'viewable must be true or false'
  return problemInTags(row.tags) ?? problemInEvidence(row.evidence) ?? problemInValue(row)
}

/** Only what a row has: a field that another version added must not pass for one of ours. */
function rowOf({
  seq,
  id,
  type,
  site,
  campaign,
  occurredAt,
  receivedAt,
  verdict,
  witness,
  tags,
  viewable,
  evidence,
  ...rest
}: LedgerRow): LedgerRow {
  const row: LedgerRow = { seq, id, type, site, campaign, occurredAt, receivedAt, verdict, witness, tags, viewable, evidence }
  if (rest.valueMinor !== undefined) row.valueMinor = rest.valueMinor
  if (rest.currency !== undefined) row.currency = rest.currency
  return row
}

const stored = { id: z.string().min(1), name: z.string() }

/** What the configuration log holds: the bodies of the API, as they are after reading them. */
const CONFIG_VALUES: Partial<Record<ConfigKind, z.ZodType>> = {
  site: siteBody.extend(stored),
  campaign: campaignBody.extend(stored),
  terms: termsBody.extend({ version: z.int().min(1), from: z.int() }),
  closing: statementBody.refine((value) => value.closed && checkStatement(value) === null, 'must be a closed statement, untouched'),
  spend: z.object({ rows: z.array(z.custom(isSpend, 'must be a row of spend as POST /v1/spend takes it')) }),
  rates: ratesBody,
}

/** Where `value` lacks what reading it filled in: the log must hold it, since nobody reads it with defaults. */
function missingIn(value: Bag, read: Bag, path: string): string | undefined {
  for (const key in read) {
    if (value[key] === undefined) return `${path}.${key}`
    const [inner, innerRead] = [value[key], read[key]]
    const missing = isObject(inner) && isObject(innerRead) ? missingIn(inner, innerRead, `${path}.${key}`) : undefined
    if (missing) return missing
  }
  return undefined
}

function problemInConfig({ kind, id, at, value }: Bag): Problem {
  const schema = Object.hasOwn(CONFIG_VALUES, String(kind)) ? CONFIG_VALUES[kind as ConfigKind] : undefined
  if (!schema) return `kind must be one of ${Object.keys(CONFIG_VALUES).join(', ')}`
  if (!isId(id)) return `id must be a string of 1 to ${LIMITS.tagLength} characters`
  if (!isTime(at)) return 'at must be milliseconds since 1970'
  const { data, error } = schema.safeParse(value)
  const [issue] = error?.issues ?? []
  if (issue) return `${['value', ...issue.path].join('.')} ${issue.message}`
  const missing = missingIn(value as Bag, data as Bag, 'value')
  return missing && `${missing} is missing`
}

/** One line of an export. */
export type Line = { event: LedgerRow } | { config: ConfigVersion }

function parseObject(text: string, number: number): Bag {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // said below: where in the line it stops being JSON helps nobody
  }
  if (!isObject(value)) throw new UsageError(`line ${number}: is not a JSON object`)
  return value
}

/** Reads line `number` of an export. Throws UsageError with the line, the field and what it must be. */
export function readLine(text: string, number: number): Line {
  const { event, config } = parseObject(text, number)
  if (isObject(event)) {
    const problem = problemIn(event)
    if (problem) throw new UsageError(`line ${number}: event.${problem}`)
    return { event: rowOf(event as unknown as LedgerRow) }
  }
  if (!isObject(config)) throw new UsageError(`line ${number}: must have "event" or "config", an object`)
  const problem = problemInConfig(config)
  if (problem) throw new UsageError(`line ${number}: config.${problem}`)
  const { kind, id, at, value } = config as unknown as ConfigVersion
  return { config: { kind, id, at, value } }
}

/** Reads the first line. Throws UsageError when it is not that of an export, or of one that is newer. */
export function readHeader(text: string): Header {
  const isHeader = text.startsWith('{"tallymark"')
  if (!isHeader) throw new UsageError('line 1: must be the header of a file that "tallymark export" wrote, like {"tallymark": 1, …}')
  const { tallymark, lastSeq } = parseObject(text, 1)
  if (tallymark !== FORMAT) throw new UsageError(`line 1: tallymark is ${tallymark}, a format that this version does not read; upgrade it`)
  if (!isNatural(lastSeq)) throw new UsageError('line 1: lastSeq must be the position of the last row, a whole number')
  return { tallymark: FORMAT, lastSeq: Number(lastSeq) }
}
