import type { Statement, StatementLine } from './statement.ts'
import { MODELS } from './terms.ts'

type Line = Omit<StatementLine, 'hash'>

/** What lines come to: those of a range, without their hashes, and the money over the budgets. */
export interface Amounts {
  lines: Line[]
  /** Minor units. */
  unbilledMinor: bigint
}

const placeOf = ({ day, model, terms }: Line) => `${day} ${model} ${terms}`

/** Days first, then models in their order, then versions of the terms. */
export function byPlace(a: Line, b: Line): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1
  return MODELS.indexOf(a.model) - MODELS.indexOf(b.model) || a.terms - b.terms
}

/**
 * What closed statements say too little or too much by now: one line for each of their days, models and versions that changed, and the change of what lies
 * over the budgets.
 *
 * `now` is what ledger and terms say of all closed days; `closed` their statements, oldest first, whose own corrections are taken into account.
 */
export function correctionsOf(closed: Statement[], now: Amounts): Amounts {
  const rest = new Map(now.lines.map((line): [string, Line] => [placeOf(line), { ...line }]))
  for (const line of closed.flatMap(({ lines }) => lines)) {
    const { day, model, terms } = line
    const left = rest.get(placeOf(line)) ?? { day, model, terms, results: 0, unbilled: 0, amountMinor: 0 }
    left.results -= line.results
    left.unbilled -= line.unbilled
    left.amountMinor -= line.amountMinor
    rest.set(placeOf(line), left)
  }
  const changed = [...rest.values()].filter(({ results, unbilled, amountMinor }) => results !== 0 || unbilled !== 0 || amountMinor !== 0)
  // What is older than the first period belongs to it.
  const periodOf = (day: string) => closed.find(({ to }) => day <= to)
  return {
    lines: changed.sort(byPlace).map((line) => {
      const period = periodOf(line.day)
      return { ...line, ...(period && { corrects: `${period.from}/${period.to}` }) }
    }),
    unbilledMinor: now.unbilledMinor - closed.reduce((sum, { unbilledMinor }) => sum + BigInt(unbilledMinor), 0n),
  }
}
