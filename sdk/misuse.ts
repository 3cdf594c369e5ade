/** Ends a call that was made wrongly. `what` is wanted; docs/sdk.md has the long form. */
export function misuse(call: string, what: unknown): never {
  throw new TypeError(`tallymark: ${call} needs ${what}`)
}
