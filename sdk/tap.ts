type Call = (...args: never[]) => unknown

/** Has `tell` called with the arguments of each call of `object[name]`, after it. */
export function tap<Name extends string>(object: Record<Name, Call>, name: Name, tell: (args: unknown[]) => void): void {
  const original = object[name]
  object[name] = function (this: unknown, ...args: never[]) {
    const result = original.apply(this, args)
    tell(args)
    return result
  }
}
