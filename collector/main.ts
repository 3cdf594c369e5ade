#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type CollectorApp, collectorApp } from './app.ts'
import { loadAssets } from './assets.ts'
import { hashToken, newToken } from './auth.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { seedDemo } from './demo.ts'
import { type Listening, listen } from './listen.ts'
import { newId } from './newId.ts'
import { openRegistry, type Registry } from './registry.ts'
import { sqliteStore } from './store/sqlite/sqliteStore.ts'
import { type Store, StoreError } from './store/store.ts'

const HELP = `tallymark: measures what a campaign delivers and works out what is owed for it

  tallymark start      runs collector, dashboard and demo site

Environment, each with a default that works:
  TALLYMARK_PORT          port to listen on                                8787
  TALLYMARK_HOST          interface to listen on                           all
  TALLYMARK_STORE         where events are kept                            sqlite:./data/tallymark.db
  TALLYMARK_ADMIN_TOKEN   token for API and dashboard, 16 characters up    made and printed at the first start
  TALLYMARK_TRUSTED_PROXIES  addresses whose X-Forwarded-For is believed  none
  TALLYMARK_DEMO          on or off: demo site and its campaigns           on
`

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const say = (text: string) => process.stdout.write(`${text}\n`)
const log = (message: string, error?: unknown) =>
  process.stderr.write(`${message}${error instanceof Error && error.stack ? `\n${error.stack}` : ''}\n`)

/** The site that the printed script tag is for, made at the first start. */
const FIRST_SITE = 'my-site'

/** Ends with a sentence that names the fix. */
function quit(message: string): never {
  process.stderr.write(`tallymark: ${message}\n`)
  process.exit(1)
}

function openStore({ storePath }: Config): Store {
  try {
    return sqliteStore({ path: storePath })
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

function greet({ port }: Listening, { demo, made }: { demo: boolean; made: string | undefined }): void {
  const address = `http://localhost:${port}`
  const lines = [
    `Dashboard    ${address}/dashboard`,
    ...(demo ? [`Demo site    ${address}/demo/`] : []),
    `Script tag   <script async src="${address}/tallymark.js" data-site="${FIRST_SITE}"></script>`,
    `             (site "${FIRST_SITE}" accepts pages on localhost until you list its origins: PUT /v1/sites/${FIRST_SITE})`,
    made ? `Admin token  ${made}   (shown only now; keep it)` : 'Admin token  as printed at the first start, or TALLYMARK_ADMIN_TOKEN',
  ]
  say(`\n${lines.map((line) => `  ${line}\n`).join('')}`)
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
    await store.close()
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
  const built = await collectorApp({
    store,
    registry,
    assets: loadAssets(ROOT),
    adminTokenHash: hash,
    isTrustedProxy: config.isTrustedProxy,
    ratePerSource: config.ratePerSource,
    ratePerSite: config.ratePerSite,
    demo: config.demo,
    now,
    newId,
    log,
    closing: closing.signal,
  })
  const listening = await startListening(built, config)
  // Kept only now that it will be printed: a start that fails must not swallow it.
  if (made !== undefined) await registry.putSecret('admin', { hash })
  stopOnSignal({ listening, store, closing })
  greet(listening, { demo: config.demo, made })
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    strict: false,
    options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
  })
  const [command = values.version || values.help ? 'help' : 'start'] = positionals
  if (values.version) {
    say(JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')).version)
    return
  }
  if (values.help || command === 'help') {
    say(HELP)
    return
  }
  if (command !== 'start') return quit(`there is no command "${command}"; see tallymark --help`)
  try {
    await start()
  } catch (error) {
    if (error instanceof ConfigError) return quit(error.message)
    throw error
  }
}

await main()
