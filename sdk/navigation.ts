import { tap } from './tap.ts'

interface Navigation {
  addEventListener(type: 'currententrychange', listener: (event: Event & { navigationType: string | null }) => void): void
}

/**
 * Calls `listener` after each change of the URL that loads no page; `isNew` is false for a step through the history.
 *
 * Without the Navigation API (Safari before 26.2, Firefox before 147) the history's methods are wrapped as they are found; what the page lays over them later stays.
 */
export function onNavigation(listener: (isNew: boolean) => void): void {
  const { navigation } = window as { navigation?: Navigation }
  if (navigation) navigation.addEventListener('currententrychange', ({ navigationType }) => listener(!/^t/.test(navigationType as string)))
  else {
    for (const name of ['pushState', 'replaceState'] as const) {
      tap(history, name, () => listener(true))
    }
    addEventListener('popstate', () => listener(false))
  }
}
