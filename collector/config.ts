import { resolve } from 'node:path'
import { type TrustedProxies, trustedProxies } from './ingest/sourceOf.ts'
import { MIN_RETENTION_DAYS } from './retention.ts'

/** What the environment sets. Every variable has a default that works. */
export interface Config {
  /** TALLYMARK_PORT, 8787. */
  port: number
  /** TALLYMARK_HOST, all interfaces. */
  host: string
  /** TALLYMARK_STORE, `sqlite:./data/tallymark.db`: the file of the embedded store, absolute. */
  storePath: string
  /** TALLYMARK_ADMIN_TOKEN; undefined: one is made and printed at the first start. */
  adminToken: string | undefined
  /** TALLYMARK_TRUSTED_PROXIES, none: addresses and CIDR ranges, separated by commas, whose X-Forwarded-For is believed. */
  isTrustedProxy: TrustedProxies
  /** TALLYMARK_RATE_PER_SOURCE, 100: requests a second from one address; 0 is off. */
  ratePerSource: number
  /** TALLYMARK_RATE_PER_SITE, 0: requests a second for one site, over all its visitors; 0 is off. */
  ratePerSite: number
  /** TALLYMARK_RETENTION_DAYS, 0: events leave the ledger this many days after they were last heard of, their totals stay; 0 keeps them for ever. */
  retentionDays: number
  /** TALLYMARK_WEBHOOK_PRIVATE, off: webhooks may also go to http addresses and into private networks. */
  webhookPrivate: boolean
  /** TALLYMARK_DEMO, on: serves the demo site and sets up its campaigns. */
  demo: boolean
}

/** A variable that cannot be used; the message names it and the fix. */
export class ConfigError extends Error {
  constructor(variable: string, message: string) {
    super(`${variable} ${message}`)
    this.name = 'ConfigError'
  }
}

/** Shorter tokens can be guessed. */
const MIN_TOKEN_LENGTH = 16

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new ConfigError('TALLYMARK_PORT', `is "${text}"; set it to a number from 0 to 65535, like 8787`)
  return port
}

function readStore(text: string): string {
  const path = /^sqlite:(.+)$/.exec(text)?.[1]
  if (path === undefined)
    throw new ConfigError('TALLYMARK_STORE', `is "${text}"; set it to sqlite: and a file, like sqlite:./data/tallymark.db`)
  return resolve(path)
}

function readToken(text: string | undefined): string | undefined {
  if (text !== undefined && text.length < MIN_TOKEN_LENGTH) {
    throw new ConfigError(
      'TALLYMARK_ADMIN_TOKEN',
      `is shorter than ${MIN_TOKEN_LENGTH} characters; set a longer one, or leave it out to have one made`,
    )
  }
  return text
}

function readProxies(text: string): TrustedProxies {
  try {
    return trustedProxies(text.split(',').flatMap((range) => range.trim() || []))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConfigError('TALLYMARK_TRUSTED_PROXIES', `has ${error.message}; set it to a list like "10.0.0.0/8, ::1"`)
  }
}

function readNumber(variable: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new ConfigError(variable, `is "${text}"; set it to a whole number, 0 for off`)
  return Number(text)
}

function readRetention(text: string): number {
  const days = readNumber('TALLYMARK_RETENTION_DAYS', text)
  if (days === 0 || days >= MIN_RETENTION_DAYS) return days
  throw new ConfigError(
    'TALLYMARK_RETENTION_DAYS',
    `is ${days}; set it to ${MIN_RETENTION_DAYS} or more, since a server may report and correct up to 90 days later, or 0 to keep events for ever`,
  )
}

function readSwitch(variable: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new ConfigError(variable, `is "${text}"; set it to on or off`)
  return text === 'on'
}

/** Reads the configuration from environment variables; an empty one counts as not set. Throws ConfigError. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const get = (variable: string) => environment[variable] || undefined
  return {
    port: readPort(get('TALLYMARK_PORT') ?? '8787'),
    host: get('TALLYMARK_HOST') ?? '::',
    storePath: readStore(get('TALLYMARK_STORE') ?? 'sqlite:./data/tallymark.db'),
    adminToken: readToken(get('TALLYMARK_ADMIN_TOKEN')),
    isTrustedProxy: readProxies(get('TALLYMARK_TRUSTED_PROXIES') ?? ''),
    ratePerSource: readNumber('TALLYMARK_RATE_PER_SOURCE', get('TALLYMARK_RATE_PER_SOURCE') ?? '100'),
    ratePerSite: readNumber('TALLYMARK_RATE_PER_SITE', get('TALLYMARK_RATE_PER_SITE') ?? '0'),
    retentionDays: readRetention(get('TALLYMARK_RETENTION_DAYS') ?? '0'),
    webhookPrivate: readSwitch('TALLYMARK_WEBHOOK_PRIVATE', get('TALLYMARK_WEBHOOK_PRIVATE') ?? 'off'),
    demo: readSwitch('TALLYMARK_DEMO', get('TALLYMARK_DEMO') ?? 'on'),
  }
}
