import { connect, type Socket } from 'node:net'
import { BROWSER } from '../support/collector.ts'
import { idNumber } from '../support/events.ts'

/** One kept-alive connection that sends a request when the one before is answered. */
export interface Client {
  /** Resolves with the status. Rejects when the connection breaks before the answer. */
  post(body: string): Promise<number>
  close(): void
}

export async function openClient(port: number): Promise<Client> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(port, '127.0.0.1', () => resolve(opened))
    opened.once('error', reject)
  })
  let buffer = ''
  let answered: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined
  socket.setNoDelay(true)
  socket.on('error', () => {}) // 'close' tells
  socket.on('close', () => answered?.reject(new Error('the connection broke before the answer')))
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    buffer += chunk
    const head = buffer.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(buffer)?.[1] ?? 0)
    if (head < 0 || buffer.length < head + 4 + length) return
    const status = Number(buffer.slice(9, 12))
    buffer = ''
    answered?.resolve(status)
  })
  return {
    post: (body) =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject }
        socket.write(
          `POST /v1/events HTTP/1.1\r\nHost: x\r\nUser-Agent: ${BROWSER}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        )
      }),
    close: () => socket.destroy(),
  }
}

let n = 0

/** A batch of `count` impressions that nobody has sent before. */
export function batchOf(count: number): string {
  const at = Date.now()
  const events = Array.from({ length: count }, () => {
    n += 1
    return `{"id":"${idNumber(n, at)}","type":"impression","occurredAt":${at},"campaign":"spring","placement":"p${n % 3}"}`
  })
  return `{"site":"my-site","sentAt":${at},"events":[${events.join(',')}]}`
}
