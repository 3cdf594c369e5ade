import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { BROWSER } from '../support/collector.ts'
import { eventSource, type MadeEvent } from './events.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** One request over the agent's socket. Rejects when the connection breaks before the whole answer is there. */
export function post(address: string, body: string, { agent }: { agent?: Agent } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body), 'user-agent': BROWSER }
    const sent = request(`${address}/v1/events`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        response.complete ? resolve({ status: response.statusCode ?? 0, headers: response.headers, text }) : undefined,
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const bodyOf = (events: MadeEvent[]): string =>
  JSON.stringify({ site: 'my-site', sentAt: Date.now(), events: events.map(({ wire }) => wire) })

export interface Senders {
  /** Everything that was handed to a sender so far. */
  sent: MadeEvent[]
  /** What the answers said, in events; `resent` counts an event each time it went out again. */
  figures: { requests: number; acknowledged: number; resent: number; duplicates: number }
  /** Calls back at the next acknowledgement. */
  nextAcknowledgement(): Promise<void>
  /** Takes no new events and resolves when all that were sent are acknowledged; rejects with what a sender met. */
  finish(): Promise<void>
  /** Ids in the log, in the order in which they were acknowledged. */
  acknowledged(): string[]
}

export interface SendersOptions {
  /** How many send at the same time. */
  count: number
  /** Where the collector is. Pending while it is down, so that nobody knocks in vain. */
  address: () => Promise<string>
  random: () => number
  /** Each id goes into this file as soon as its 202 was read. */
  logPath: string
}

/** Senders that post batches of 1 to 20 events, and each batch again, with the same ids, until it is acknowledged. */
export function startSenders({ count, address, random, logPath }: SendersOptions): Senders {
  const nextEvent = eventSource(random)
  const log = openSync(logPath, 'a')
  const sent: MadeEvent[] = []
  const figures = { requests: 0, acknowledged: 0, resent: 0, duplicates: 0 }
  let isFinishing = false
  let waiting: (() => void)[] = []

  function acknowledge(batch: MadeEvent[], { text }: Answer): void {
    const receipt = JSON.parse(text) as { accepted: number; duplicates: number; rejected: object[] }
    if (receipt.accepted + receipt.duplicates !== batch.length) throw new Error(`a receipt of ${batch.length} events says ${text}`)
    writeSync(log, batch.map(({ id }) => `${id}\n`).join(''))
    figures.acknowledged += batch.length
    figures.duplicates += receipt.duplicates
    for (const tell of waiting) tell()
    waiting = []
  }

  async function deliver(batch: MadeEvent[], agent: Agent): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const to = await address()
      if (attempt > 0) figures.resent += batch.length
      figures.requests += 1
      const answer = await post(to, bodyOf(batch), { agent }).catch(() => undefined) // cut off: nobody knows whether it was counted
      if (answer?.status === 202) return acknowledge(batch, answer)
      if (answer && answer.status !== 503) throw new Error(`${answer.status} ${answer.text}`)
    }
  }

  async function run(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isFinishing) {
      const batch = Array.from({ length: 1 + Math.floor(random() * 20) }, nextEvent)
      sent.push(...batch)
      await deliver(batch, agent)
    }
    agent.destroy()
  }

  const running = Promise.all(Array.from({ length: count }, run))
  running.catch(() => {}) // finish() gives it to the test
  return {
    sent,
    figures,
    nextAcknowledgement: () => Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), running.then(() => {})]),
    async finish() {
      isFinishing = true
      await running
      closeSync(log)
    },
    acknowledged: () => readFileSync(logPath, 'utf8').split('\n').filter(Boolean),
  }
}
