import { connect, type Socket } from 'node:net'
import { BROWSER } from '../support/collector.ts'
import type { MadeEvent } from './events.ts'
import { bodyOf } from './senders.ts'

/** One request, as its connection sees it. */
export interface Exchange {
  batch: MadeEvent[]
  /** Its last byte was handed to the kernel, which on this machine means: is in the collector's socket. */
  isSent: boolean
  /** Status, once the whole answer was read. */
  status: number | undefined
  /** The connection carried an answer before, so that the collector is known to have accepted it. */
  isOnKeptConnection: boolean
  /** Why the connection ended before the answer: an error's code, or `end`. */
  cutBy: string | undefined
}

const requestOf = (batch: MadeEvent[]) => {
  const body = bodyOf(batch)
  return `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${BROWSER}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Length of the answer that `text` begins with, or undefined while it is not all there. */
function answerLength(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n')
  const length = head + 4 + Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
  return head >= 0 && text.length >= length ? length : undefined
}

function exchange(socket: Socket, { batch, isOnKeptConnection }: Pick<Exchange, 'batch' | 'isOnKeptConnection'>) {
  const made: Exchange = { batch, isSent: false, status: undefined, isOnKeptConnection, cutBy: undefined }
  const done = new Promise<Exchange>((resolve) => {
    let text = ''
    const finish = () => {
      socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
      socket.on('error', () => {}) // a connection between two requests may be closed in any way
      resolve(made)
    }
    const cut = (by: string) => {
      made.cutBy = by
      finish()
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (answerLength(text) === undefined) return
      made.status = Number(text.slice(9, 12))
      finish()
    })
    socket.on('end', () => cut('end'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => cut(code ?? 'error'))
    socket.write(requestOf(batch), (error) => {
      made.isSent = !error
    })
  })
  return { made, done }
}

export interface Connections {
  /** Requests without an answer, now. */
  underWay(): Exchange[]
  /** Begins no connection from now on. */
  settle(): void
  /** Resolves with every exchange when all connections are closed: the collector has gone. */
  finish(): Promise<Exchange[]>
}

/** `count` raw connections that post one batch after the other and, now and then, are closed and made anew. */
export function openConnections(
  port: number,
  { count, random, nextBatch }: { count: number; random: () => number; nextBatch: () => MadeEvent[] },
): Connections {
  const all: Exchange[] = []
  const open = new Set<Exchange>()
  let isSettling = false

  async function run(): Promise<void> {
    while (!isSettling) {
      const socket = connect(port, '127.0.0.1').setNoDelay(true)
      let isKept = false
      do {
        const { made, done } = exchange(socket, { batch: nextBatch(), isOnKeptConnection: isKept })
        all.push(made)
        open.add(made)
        await done
        open.delete(made)
        if (made.cutBy === 'ECONNREFUSED') return
        isKept = made.cutBy === undefined && !socket.closed
      } while (isKept && random() < 0.9)
      socket.destroy()
    }
  }
  const running = Promise.all(Array.from({ length: count }, run))
  return {
    underWay: () => [...open],
    settle() {
      isSettling = true
    },
    async finish() {
      await running
      return all
    },
  }
}
