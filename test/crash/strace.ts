import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const STRACE = '/usr/bin/strace'

/** Path of strace, installed from Debian's packages where this user may. Throws with a sentence that says what to do. */
export function ensureStrace(): string {
  if (process.platform !== 'linux') throw new Error('this test watches system calls by strace, which only Linux has; run it in a container')
  if (!existsSync(STRACE) && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    // Two test files may find it missing at the same time: the second waits for the first.
    const lock = join(tmpdir(), 'tallymark-apt.lock')
    const install = `[ -x ${STRACE} ] || { apt-get -qq update && apt-get -qq install -y --no-install-recommends strace; }`
    spawnSync('flock', [lock, 'sh', '-c', install], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  if (!existsSync(STRACE)) throw new Error('this test needs strace at /usr/bin/strace. Install it, on Debian by "apt-get install strace"')
  return STRACE
}

/** Attaches strace to a process that runs. Throws with a sentence where this user may not. */
export async function attachStrace(pid: number, options: string[]): Promise<{ detach(): Promise<void> }> {
  const child: ChildProcess = spawn(ensureStrace(), ['-f', '-p', String(pid), ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  const attached = new Promise<boolean>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/attached/.test(said)) resolve(true)
    })
  })
  const isAttached = await Promise.race([attached, exited.then(() => false)])
  if (!isAttached) throw new Error(`strace may not watch the collector (${said.trim()}). Run as root, or set kernel.yama.ptrace_scope to 0`)
  return {
    async detach() {
      child.kill('SIGINT')
      await exited
    },
  }
}
