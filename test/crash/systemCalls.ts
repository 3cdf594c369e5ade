/** One system call of a process, from the output of `strace -f -tt -yy -xx`. */
export interface SystemCall {
  name: string
  /** What its first argument, a file descriptor, leads to: a path or the two ends of a connection. */
  target: string
  /** The bytes that were read or written, one character each; '' where the call has none. */
  data: string
  /** -1 for an error. */
  result: number
  /** Lines of the output at which it began and had returned: in the order of time, over all threads. */
  begunAt: number
  endedAt: number
}

const plain = (text: string) =>
  text.replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))

function parseCall(text: string, { begunAt, endedAt }: Pick<SystemCall, 'begunAt' | 'endedAt'>): SystemCall | undefined {
  const [, name, target, rest, result] = /^(\w+)\(\d+<(.*?)>(?=[,)])(.*)\) += (-?\d+)/s.exec(text) ?? []
  if (name === undefined || target === undefined || rest === undefined) return undefined
  // writev and sendmsg have a list of buffers, the others one.
  const data = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, bytes = '']) => plain(bytes)).join('')
  return { name, target: plain(target), data, result: Number(result), begunAt, endedAt }
}

/** The calls in the order in which they returned. One that another thread interrupted is put together again. */
export function parseSystemCalls(output: string): SystemCall[] {
  const calls: SystemCall[] = []
  const unfinished = new Map<string, { text: string; begunAt: number }>()
  output.split('\n').forEach((line, at) => {
    const [, thread, said] = /^(\d+) +[\d:.]+ (.*)$/s.exec(line) ?? []
    if (thread === undefined || said === undefined) return
    const [, begun] = /^(.*?) ?<unfinished \.\.\.>$/s.exec(said) ?? []
    if (begun !== undefined) {
      unfinished.set(thread, { text: begun, begunAt: at })
      return
    }
    const [, ended] = /^<\.\.\. \w+ resumed>(.*)$/s.exec(said) ?? []
    const before = ended === undefined ? undefined : unfinished.get(thread)
    const call = parseCall((before?.text ?? '') + (ended ?? said), { begunAt: before?.begunAt ?? at, endedAt: at })
    if (call) calls.push(call)
  })
  return calls
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g
const bytesOf = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('latin1')

export interface AnswerOrder {
  /** Ids of the request that was answered with 202. */
  ids: string[]
  /** Those that were not both in the log and flushed when the answer was handed to the socket. */
  tooEarly: string[]
}

/**
 * For each 202 that went into a socket, whether a flush of the log that holds its events had returned before.
 *
 * An event is in the log from the first write to it that has the 16 bytes of its id on; it is durable when a flush that began later
 * has returned without an error.
 */
export function answersInOrder(calls: SystemCall[]): { answers: AnswerOrder[]; flushes: number } {
  const asked = new Map<string, string[]>()
  const unwritten = new Set<string>()
  const writtenAt = new Map<string, number>()
  const durable = new Set<string>()
  const answers: AnswerOrder[] = []
  let flushes = 0
  for (const { name, target, data, result, begunAt, endedAt } of calls) {
    if (target.startsWith('TCP') && name === 'read') {
      const ids = data.match(UUID) ?? []
      for (const id of ids) unwritten.add(id)
      asked.set(target, [...(asked.get(target) ?? []), ...ids])
    } else if (target.startsWith('TCP') && data.startsWith('HTTP/1.1 202 ')) {
      const ids = asked.get(target) ?? []
      answers.push({ ids, tooEarly: ids.filter((id) => !durable.has(id)) })
      asked.delete(target)
    } else if (target.endsWith('-wal') && name === 'pwrite64') {
      for (const id of unwritten) {
        if (!data.includes(bytesOf(id))) continue
        unwritten.delete(id)
        writtenAt.set(id, endedAt)
      }
    } else if (target.endsWith('-wal') && /^f(?:data)?sync$/.test(name) && result === 0) {
      flushes += 1
      for (const [id, at] of writtenAt) if (at < begunAt) durable.add(id)
    }
  }
  return { answers, flushes }
}
