// A closed loop of requests over kept-alive sockets, written by hand so that the server is the one that works.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const SITE = 'my-site'
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
const MAX_SAMPLES = 1_000_000

/** A UUIDv7 per call; the random part is a counter from a random start, which is as unique and cheaper. */
function idSource() {
  const start = randomBytes(4).toString('hex')
  let n = 0
  return () => {
    const time = Date.now().toString(16).padStart(12, '0')
    n += 1
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${start.slice(0, 3)}-${start.slice(3)}${n.toString(16).padStart(7, '0')}`
  }
}

const PLACEMENTS = ['banner-top', 'sidebar', 'article-foot']

/** An event as the script sends it: an impression with campaign, tags and evidence. */
function eventText(id, i) {
  const at = Date.now()
  const tags = `"campaign":"spring-sale","placement":"${PLACEMENTS[i % 3]}","segment":{"plan":"pro"},"source":"news","medium":"display"`
  return `{"id":"${id}","type":"impression","occurredAt":${at},${tags},"view":{"ratio":1,"ms":1000,"area":90000},"page":"/article","consent":"granted"}`
}

function request(port, events, nextId) {
  let body = `{"site":"${SITE}","sentAt":${Date.now()},"events":[`
  for (let i = 0; i < events; i++) body += (i === 0 ? '' : ',') + eventText(nextId(), i)
  body += ']}'
  return `POST /v1/events HTTP/1.1\r\nHost: localhost:${port}\r\nUser-Agent: ${AGENT}\r\nOrigin: http://localhost\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/**
 * Sends for `seconds` over `connections` sockets, the next request when the answer is there.
 *
 * Gives answers by status and latencies in ms, sorted.
 */
export async function load({ port, events, seconds, connections }) {
  const nextId = idSource()
  const statuses = {}
  const latencies = []
  const end = performance.now() + seconds * 1_000

  const run = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.setNoDelay(true)
      let sentAt = 0
      let buffer = ''
      const send = () => {
        sentAt = performance.now()
        socket.write(request(port, events, nextId))
      }
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('close', () => reject(new Error(`the server closed a connection; answers so far: ${JSON.stringify(statuses)}`)))
      socket.on('data', (chunk) => {
        buffer += chunk.latin1Slice()
        const head = buffer.indexOf('\r\n\r\n')
        if (head < 0) return
        const length = Number(/content-length: (\d+)/i.exec(buffer)?.[1] ?? 0)
        if (buffer.length < head + 4 + length) return
        const status = buffer.slice(9, 12)
        statuses[status] = (statuses[status] ?? 0) + 1
        buffer = buffer.slice(head + 4 + length)
        const now = performance.now()
        if (latencies.length < MAX_SAMPLES) latencies.push(now - sentAt)
        if (now < end) send()
        else {
          resolve()
          socket.destroy()
        }
      })
    })
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: connections }, run))
  return { statuses, latencies: latencies.sort((a, b) => a - b), seconds: (performance.now() - startedAt) / 1_000 }
}
