import type { Progress } from '../store/store.ts'
import type { Output } from './cli.ts'

const WIDTH = 24
/** Redrawn fast enough to look alive, slowly enough to cost nothing. */
const REDRAW_MS = 100
/** Where nobody looks on, a line now and then. */
const LINE_MS = 10_000
/** Back to the start of the line, and what stands there goes. */
const CLEAR = '\r\u001b[K'

/** A number as people read it: `1,000,000`. */
export const count = (n: number): string => Math.round(n).toLocaleString('en')

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

export interface ProgressOptions {
  stderr: Output
  now: () => number
  /** `Verifying`. */
  what: string
  /** What an earlier run had done, default 0: no part of the rate. */
  from?: number
}

interface State {
  done: number
  /** 0: nobody knows. */
  total: number
  ms: number
}

function line({ done, total, ms }: State, { what, from = 0, stderr }: ProgressOptions): string {
  const rate = `${count((done - from) / Math.max(0.001, ms / 1_000))}/s`
  if (total === 0) return `${what} ${count(done)}, ${rate}`
  const share = Math.min(1, done / total)
  const left = done > from && done < total ? `, ${duration((ms * (total - done)) / (done - from))} left` : ''
  const bar = stderr.isTTY ? `${'█'.repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, '░')} ` : ''
  return `${what} ${bar}${Math.floor(share * 100)} % (${count(done)} of ${count(total)}), ${rate}${left}`
}

/**
 * Shows how far `work` is: a bar that is redrawn on a terminal, elsewhere a plain line every 10 s and one at the end.
 *
 * A line that does not fit would leave its beginning behind at each redraw, so it is cut to the terminal's width.
 */
export async function withProgress<Result>(options: ProgressOptions, work: (update: Progress) => Promise<Result>): Promise<Result> {
  const { stderr, now } = options
  const start = now()
  const state = { done: options.from ?? 0, total: 0, ms: 0 }
  let said = stderr.isTTY ? Number.NEGATIVE_INFINITY : start

  function update(done: number, total: number): void {
    const at = now()
    Object.assign(state, { done, total, ms: at - start })
    if (at - said < (stderr.isTTY ? REDRAW_MS : LINE_MS)) return
    said = at
    const text = line(state, options)
    stderr.write(stderr.isTTY ? CLEAR + text.slice(0, (stderr.columns || 80) - 1) : `${text}\n`)
  }
  try {
    const result = await work(update)
    state.ms = now() - start
    stderr.write(`${stderr.isTTY ? CLEAR : ''}${line(state, options)}, ${duration(state.ms)} in all\n`)
    return result
  } catch (error) {
    if (stderr.isTTY) stderr.write(CLEAR)
    throw error
  }
}
