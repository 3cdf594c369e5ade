import type { Touch } from '../../sdk/wire.ts'
import type { Evidence } from '../store/store.ts'

/**
 * Index of the touch that a stored credit is of, -1 when it is not among them.
 *
 * By time and id; by id alone where browser and server told of one click at slightly different times.
 */
export function creditedTouch(touches: Touch[], credit: Evidence['credit']): number {
  if (!credit) return -1
  const { from, at, touchId } = credit
  const exact = touches.findLastIndex((touch) => touch.type === from && touch.at === at && touch.id === touchId)
  if (exact !== -1 || touchId === undefined) return exact
  return touches.findLastIndex(({ type, id }) => type === from && id === touchId)
}
