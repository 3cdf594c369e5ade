/** Ends a call that was made wrongly. `message` names the call and what is wanted; docs/sdk.md has the long form. */
export function misuse(message: string): never {
  throw new TypeError(`tallymark: ${message}`)
}
