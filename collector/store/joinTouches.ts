import { LIMITS, type Touch } from '../../sdk/wire.ts'

/**
 * The touches of two reports, oldest first, each once by its id: a server knows the one click that it was told of, the browser the whole journey.
 *
 * Those of `first` stand; at most 20 of the other are added.
 */
export function joinTouches(first: Touch[], second: Touch[]): Touch[] {
  const isKnown = ({ id, type, at }: Touch) => first.some((one) => one.type === type && (id === undefined ? one.at === at : one.id === id))
  return [...first, ...second.filter((touch) => !isKnown(touch)).slice(0, LIMITS.touches)].sort((a, b) => a.at - b.at)
}
