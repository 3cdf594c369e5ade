import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { CollectorApp } from './app.ts'
import { DirectRequest } from './directRequest.ts'
import { serveEvents } from './serveEvents.ts'

/** Node's own limits (60 s for headers, 300 s for a request) let a few slow clients hold every socket of a public collector. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 15_000, maxHeaderSize: 16_384, connectionsCheckingInterval: 1_000 }
const MAX_CONNECTIONS = 10_000

/** The address for a person to open, whatever the interface. */
export interface Listening {
  port: number
  /** Takes no new connection, answers what is under way, resolves when the last socket is closed. */
  close(): Promise<void>
}

/** Serves `app`. Rejects with Node's error (EADDRINUSE, EACCES, …) when it cannot listen. */
export function listen({ app, collector }: CollectorApp, { port, host }: { port: number; host: string }): Promise<Listening> {
  const server = createServer({ ...LIMITS, IncomingMessage: DirectRequest }, serveEvents(collector, getRequestListener(app.fetch)))
  server.maxConnections = MAX_CONNECTIONS
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address ? address.port : port,
        close: () => drain(server),
      })
    })
  })
}

/** A client that has not taken its answer by then is cut off. */
const DRAIN_MS = 8_000

/** Whoever keeps connecting is let in no longer than this. */
const TAKE_IN_MS = 500

/**
 * Resolves when what had reached this machine before is in the hands of the server.
 *
 * A connection may still wait to be accepted, and a request on an idle one to be read: closing either resets it, though its sender has
 * done all that it can. Each turn of the event loop takes in some; after three in which nobody came there are none.
 */
async function takeIn(server: Server): Promise<void> {
  let quietTurns = 0
  let isLate = false
  const late = setTimeout(() => {
    isLate = true
  }, TAKE_IN_MS)
  server.on('connection', () => {
    quietTurns = 0
  })
  while (quietTurns < 3 && !isLate) {
    quietTurns += 1
    await new Promise((resolve) => setImmediate(resolve))
  }
  clearTimeout(late)
}

async function drain(server: Server): Promise<void> {
  // Kept-alive sockets are closed as their request under way is answered.
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
  await takeIn(server)
  await new Promise<void>((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(cutOff)
      resolve()
    })
    server.closeIdleConnections()
  })
}
