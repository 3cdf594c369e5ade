#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepNotices } from './alerts/keepNotices.ts'
import { type CollectorApp, collectorApp } from './app.ts'
import { loadAssets } from './assets.ts'
import { hashToken, newToken } from './auth.ts'
import { type Cli, UsageError } from './cli/cli.ts'
import { COMMANDS } from './cli/commands.ts'
import { greeting } from './cli/greeting.ts'
import { HELP, helpOf } from './cli/help.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { seedDemo } from './demo.ts'
import { RefusalError } from './errors.ts'
import { keepMaturing } from './keepMaturing.ts'
import { type Listening, listen } from './listen.ts'
import { newId } from './newId.ts'
import { openRegistry, type Registry } from './registry.ts'
import { applyRetention, RETENTION_EVERY_MS } from './retention.ts'
import { sqliteStore } from './store/sqlite/sqliteStore.ts'
import { type Store, StoreError } from './store/store.ts'
import { webhookTransport } from './webhooks/webhookTransport.ts'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const say = (text: string) => process.stdout.write(`${text}\n`)
const log = (message: string, error?: unknown) =>
  process.stderr.write(`${message}${error instanceof Error && error.stack ? `\n${error.stack}` : ''}\n`)

// Whoever reads the output may be gone; that must not end a collector in the middle of its work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

/** The site that the printed script tag is for, made at the first start. */
const FIRST_SITE = 'my-site'

/** Ends with a sentence that names the fix. */
function quit(message: string): never {
  process.stderr.write(`tallymark: ${message}\n`)
  process.exit(1)
}

/** A command waits for a collector that is busy on the same file: nobody waits for the command's answer as a page does. */
const COMMAND_WAITS = { waitMs: 60_000 }

function openStore({ storePath }: Config, options: { waitMs?: number } = {}): Store {
  try {
    return sqliteStore({ path: storePath, ...options })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    return quit(`${error.message}. Set TALLYMARK_STORE to a file that this user can write, like sqlite:./data/tallymark.db`)
  }
}

async function startListening(built: CollectorApp, { port, host }: Config): Promise<Listening> {
  try {
    return await listen(built, { port, host })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EADDRINUSE') return quit(`port ${port} is taken. Set TALLYMARK_PORT to a free one, like TALLYMARK_PORT=${port + 1}`)
    if (code === 'EACCES') return quit(`this user may not listen on port ${port}. Set TALLYMARK_PORT to one above 1023`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      return quit(`cannot listen on ${host}. Set TALLYMARK_HOST to an address of this machine, or leave it out`)
    throw error
  }
}

/** The token's hash, and the token itself when it was made just now. */
async function adminToken(config: Config, registry: Registry): Promise<{ hash: string; made?: string }> {
  if (config.adminToken !== undefined) return { hash: hashToken(config.adminToken) }
  const kept = registry.secret('admin') as { hash: string } | undefined
  if (kept) return kept
  const made = newToken()
  return { hash: hashToken(made), made }
}

/** How long another process's change of sites, campaigns or keys may take to be seen here. */
const REFRESH_EVERY_MS = 2_000

/** Looks once an hour for events that have grown too old, from the start on. */
function keepRetention({ store, registry, days }: { store: Store; registry: Registry; days: number }): void {
  if (days === 0) return
  const run = async () => {
    try {
      const taken = await applyRetention({ store, registry, days, now: Date.now() })
      if (taken > 0) say(`tallymark: ${taken} events older than ${days} days left the ledger; their totals stay`)
    } catch (error) {
      log('tallymark: retention failed, and is tried again in an hour', error)
    }
  }
  void run()
  setInterval(run, RETENTION_EVERY_MS).unref()
}

/** A second signal ends at once what a first one lets finish. */
function stopOnSignal({ listening, store, closing }: { listening: Listening; store: Store; closing: AbortController }): void {
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1)
    isStopping = true
    say(`tallymark: ${signal}, answering what is under way`)
    closing.abort()
    await listening.close()
    try {
      await store.close()
    } catch (error) {
      quit((error as Error).message) // its files were touched; the message says what became of them
    }
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
}

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const now = () => Date.now()
  const store = openStore(config)
  const registry = await openRegistry({ store, now })
  if (registry.sites().length === 0) await registry.putSite(FIRST_SITE, { name: 'My site', origins: [], allow: [] })
  if (config.demo) await seedDemo(registry)
  const { hash, made } = await adminToken(config, registry)
  const closing = new AbortController()
  const webhooks = webhookTransport({ allowPrivate: config.webhookPrivate })
  const built = await collectorApp({
    store,
    registry,
    assets: loadAssets(ROOT),
    adminTokenHash: hash,
    isTrustedProxy: config.isTrustedProxy,
    ratePerSource: config.ratePerSource,
    ratePerSite: config.ratePerSite,
    demo: config.demo,
    webhooks,
    now,
    newId,
    log,
    closing: closing.signal,
  })
  const listening = await startListening(built, config)
  // Kept only now that it will be printed: a start that fails must not swallow it.
  if (made !== undefined) await registry.putSecret('admin', { hash })
  stopOnSignal({ listening, store, closing })
  // A store that cannot be read is told of by those who need it.
  setInterval(() => void registry.refresh().catch(() => {}), REFRESH_EVERY_MS).unref()
  const every = (ms: number, run: () => void) => void setInterval(run, ms).unref()
  keepMaturing({ store, now, every, closing: closing.signal })
  keepNotices({ store, registry, transport: webhooks, now, random: Math.random, every, log, closing: closing.signal })
  keepRetention({ store, registry, days: config.retentionDays })
  say(greeting({ port: listening.port, demo: config.demo, site: FIRST_SITE, token: made }))
}

async function runCommand(name: string, args: string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) return quit(`there is no command "${name}"; see tallymark --help`)
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(helpOf(name))
  const config = readConfig(process.env)
  let opened: Store | undefined
  const open = () => {
    if (!command.makesStore && !existsSync(config.storePath)) {
      return quit(`there is no store at ${config.storePath}. Set TALLYMARK_STORE to its file, like sqlite:./data/tallymark.db`)
    }
    return openStore(config, COMMAND_WAITS)
  }
  const { stdin, stdout, stderr } = process
  const cli: Cli = {
    args,
    // Opened by whoever uses it: some things can be done without a store.
    get store() {
      opened ??= open()
      return opened
    },
    now: () => Date.now(),
    stdin,
    stdout,
    stderr,
  }
  try {
    process.exitCode = await command.run(cli)
  } finally {
    await opened?.close()
  }
}

async function main([name = 'start', ...args]: string[]): Promise<void> {
  const asks = (...options: string[]) => options.includes(name) || (name === 'start' && options.some((option) => args.includes(option)))
  if (asks('--version', '-v')) return void say(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')).version)
  if (name === 'help' || asks('--help', '-h')) return void process.stdout.write(HELP)
  try {
    await (name === 'start' ? start() : runCommand(name, args))
  } catch (error) {
    const isForUser = [ConfigError, UsageError, RefusalError, StoreError].some((kind) => error instanceof kind)
    // A file that cannot be read, a disk that is full, a lock that is held: nothing that a stack would explain.
    const isOfSystem = error instanceof Error && ('syscall' in error || (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR')
    if (isForUser || isOfSystem) return quit((error as Error).message)
    throw error
  }
}

await main(process.argv.slice(2))
