import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector that answers 503 twice, and hands the third request and all others to `target`. */
export async function refuseTwice(target: string): Promise<{ address: string; close(): Promise<void> }> {
  let refusals = 0
  const { port } = new URL(target)
  const server = createServer((incoming, outgoing) => {
    if (refusals < 2) {
      refusals += 1
      incoming.resume().on('end', () => outgoing.writeHead(503, { 'access-control-allow-origin': '*' }).end('{}'))
      return
    }
    const { method, url, headers } = incoming
    incoming.pipe(
      request({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
