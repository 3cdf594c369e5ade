import type { Progress } from '../store/store.ts'
import type { Output } from './cli.ts'

const WIDTH = 24
/** Redrawn fast enough to look alive, slowly enough to cost nothing. */
const REDRAW_MS = 100
/** Where nobody looks on, a line now and then. */
const LINE_MS = 10_000

const count = (n: number) => Math.round(n).toLocaleString('en')

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Progress of long work: a bar that is redrawn on a terminal, plain lines elsewhere. */
export interface ProgressBar {
  update: Progress
  /** Writes the last state for good. */
  end(): void
}

/** Total 0 means that nobody knows how much there is. */
export function progressBar({ stderr, now, what }: { stderr: Output; now: () => number; what: string }): ProgressBar {
  const start = now()
  // The first plain line only once it takes long.
  let drawn = stderr.isTTY ? Number.NEGATIVE_INFINITY : start
  let last = { done: 0, total: 0 }

  function text(): string {
    const { done, total } = last
    const ms = now() - start
    const rate = `${count(done / Math.max(0.001, ms / 1_000))}/s`
    if (total === 0) return `${what} ${count(done)}, ${rate}`
    const share = Math.min(1, done / total)
    const left = share > 0 && share < 1 ? `, ${duration(ms / share - ms)} left` : ''
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
    return `${what} ${stderr.isTTY ? `${bar} ` : ''}${(share * 100).toFixed(0)} % (${count(done)} of ${count(total)}), ${rate}${left}`
  }

  return {
    update(done, total) {
      last = { done, total }
      if (now() - drawn < (stderr.isTTY ? REDRAW_MS : LINE_MS)) return
      stderr.write(stderr.isTTY ? `\r\u001b[K${text()}` : `${text()}\n`)
      drawn = now()
    },
    end() {
      stderr.write(`${stderr.isTTY ? '\r\u001b[K' : ''}${text()}, ${duration(now() - start)} in all\n`)
    },
  }
}
