/**
 * What went wrong in `tallymark/server`, by `code`:
 *
 * - `misuse`: a call was made wrongly; the message names call, field and fix. Thrown at once.
 * - `full`: so many events wait for a collector that is away. Thrown at once; the event is not taken.
 * - `refused`: the collector refuses the request for good, with `status`: a wrong key, for example. `flush` rejects, the events are dropped.
 * - `unreachable`: no answer, or one that says later, after all attempts. `flush` rejects, the events are kept for the next one.
 */
export class TallymarkError extends Error {
  readonly code: 'misuse' | 'full' | 'refused' | 'unreachable'
  readonly status: number | undefined
  constructor(code: TallymarkError['code'], message: string, { status, cause }: { status?: number | undefined; cause?: unknown } = {}) {
    super(`tallymark: ${message}`, { cause })
    this.name = 'TallymarkError'
    this.code = code
    this.status = status
  }
}
