// Runs first on a page, and writes down what the page would notice of what runs after it. Keeps its own hold on all it uses,
// since the cases break the rest.
{
  const { getOwnPropertyNames, getOwnPropertyDescriptor, defineProperty, is } = Object
  const beacon = navigator.sendBeacon.bind(navigator)
  const encode = encodeURIComponent
  const text = String
  const told = []
  const tell = (what) => {
    told[told.length] = what
    beacon(`/told?${encode(what)}`) // also when the page is on its way out
  }
  addEventListener('error', (event) => tell(`error: ${event.message}`))
  addEventListener('unhandledrejection', (event) => tell(`unhandled rejection: ${text(event.reason)}`))
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'assert', 'table', 'group']) {
    const sink = console
    const real = sink[name]
    sink[name] = (...args) => {
      tell(`console.${name}: ${text(args[0])}`)
      return real.apply(sink, args)
    }
  }

  const namesOf = (object) => getOwnPropertyNames(object)
  const isConstructor = (value) => typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null
  const prototypes = []
  for (const name of namesOf(window)) {
    const value = getOwnPropertyDescriptor(window, name)?.value
    if (isConstructor(value)) prototypes[prototypes.length] = [`${name}.prototype`, value.prototype]
  }
  const snapshot = () => {
    const found = { __proto__: null }
    for (let i = 0; i < prototypes.length; i++) {
      const [name, prototype] = prototypes[i]
      const keys = namesOf(prototype)
      for (let k = 0; k < keys.length; k++) found[`${name}.${keys[k]}`] = getOwnPropertyDescriptor(prototype, keys[k])
    }
    return found
  }
  const isSame = (a, b) => a && b && is(a.value, b.value) && a.get === b.get && a.set === b.set

  let globals
  let before
  addEventListener('pagehide', () => watch.check())
  defineProperty(window, 'watch', {
    value: {
      /** What comes from now on is not the page's own. */
      mark() {
        before = snapshot()
        globals ??= namesOf(window)
      },
      /** Tells what has changed since the mark. */
      check() {
        const now = snapshot()
        for (const key in { __proto__: null, ...before, ...now }) if (!isSame(before[key], now[key])) tell(`changed ${key}`)
        for (const name of namesOf(window)) {
          let isKnown = name === 'tallymark'
          for (let i = 0; i < globals.length && !isKnown; i++) isKnown = globals[i] === name
          if (!isKnown) tell(`new global ${name}`)
        }
      },
    },
  })
}
