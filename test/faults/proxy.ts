import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What goes wrong between a sender and the collector. */
export interface Toxics {
  /** Every chunk, both ways, comes this much later, ms. */
  latencyMs: number
  /** Takes no connection and cuts those that are open. */
  down: boolean
  /** Most that passes in a second each way. */
  bytesPerSecond: number
  /** The client learns this much later that the collector has closed, ms. */
  slowCloseMs: number
  /** Probability that a request meets a reset before the collector sees it. */
  reset: number
  /** Largest chunk that is passed on, bytes. */
  sliceBytes: number
  /** Probability that the collector gets a request and answers it, and the client is cut off instead of told. */
  dropResponse: number
}

const OFF: Toxics = {
  latencyMs: 0,
  down: false,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  slowCloseMs: 0,
  reset: 0,
  sliceBytes: Number.POSITIVE_INFINITY,
  dropResponse: 0,
}

export interface TcpProxy {
  /** `http://127.0.0.1:PORT`. */
  address: string
  /** What it did so far. */
  figures: { connections: number; resets: number; droppedResponses: number }
  /** Holds at once, also for connections that are open; what is left out is off. */
  set(toxics: Partial<Toxics>): void
  close(): Promise<void>
}

/** Brings chunks to a socket in their order, each as late, as small and as slow as the toxics say. */
function conveyor(toxics: () => Toxics, to: Socket) {
  let last: Promise<void> = Promise.resolve()
  const wait = (ms: number) => (ms > 0 ? new Promise<void>((resolve) => setTimeout(resolve, ms)) : undefined)

  async function carry(chunk: Buffer, due: number): Promise<void> {
    await wait(due - performance.now())
    for (let at = 0; at < chunk.length && !to.destroyed; ) {
      const { sliceBytes, bytesPerSecond } = toxics()
      const part = chunk.subarray(at, at + Math.min(sliceBytes, bytesPerSecond))
      at += part.length
      await wait((part.length / bytesPerSecond) * 1_000)
      await new Promise<void>((resolve) => to.write(part, () => resolve()))
      // Sent in one turn of the event loop, the kernel would put the parts together again; the first setImmediate may be of this turn.
      for (let turn = 0; turn < 2 && sliceBytes < chunk.length; turn++) await new Promise(setImmediate)
    }
  }
  return {
    carry(chunk: Buffer) {
      const due = performance.now() + toxics().latencyMs
      last = last.then(() => carry(chunk, due))
    },
    close(afterMs: number) {
      last = last.then(async () => {
        await wait(afterMs)
        to.end()
      })
    },
  }
}

/**
 * A TCP proxy on 127.0.0.1 before `target` (`http://HOST:PORT`) that spoils connections as it is told.
 *
 * What comes from a client after an answer is taken for the next request, as it is with senders that wait for each answer.
 * `random` decides where a toxic is a probability.
 */
export async function startProxy({ target, random }: { target: string; random: () => number }): Promise<TcpProxy> {
  let toxics = OFF
  const figures = { connections: 0, resets: 0, droppedResponses: 0 }
  const open = new Set<Socket>()
  const { port, hostname } = new URL(target)

  function serve(client: Socket): void {
    if (toxics.down) {
      client.resetAndDestroy()
      return
    }
    figures.connections += 1
    const upstream = connect({ port: Number(port), host: hostname })
    for (const socket of [client, upstream]) {
      open.add(socket.setNoDelay(true))
      socket.on('close', () => open.delete(socket))
    }
    const toUpstream = conveyor(() => toxics, upstream)
    const toClient = conveyor(() => toxics, client)
    let isAnswered = true
    let dropsAnswer = false

    client.on('data', (chunk) => {
      if (isAnswered) {
        isAnswered = false
        dropsAnswer = random() < toxics.dropResponse
        if (random() < toxics.reset) {
          figures.resets += 1
          client.resetAndDestroy()
          return
        }
      }
      toUpstream.carry(chunk)
    })
    upstream.on('data', (chunk) => {
      isAnswered = true
      if (!dropsAnswer) toClient.carry(chunk)
      else if (!client.destroyed) {
        figures.droppedResponses += 1
        client.destroy()
      }
    })
    client.on('end', () => toUpstream.close(0))
    upstream.on('end', () => toClient.close(toxics.slowCloseMs))
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.resetAndDestroy())
    client.on('close', () => upstream.destroy())
  }

  const server = createServer({ allowHalfOpen: true }, serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cutAll = () => {
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    figures,
    set(changed) {
      toxics = { ...OFF, ...changed }
      if (toxics.down) cutAll()
    },
    close() {
      cutAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
