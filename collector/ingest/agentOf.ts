import { isbot } from 'isbot'

/** What a user agent says, as far as counting goes. Coarse on purpose: no fingerprint. */
export interface Agent {
  /** A declared bot, a tool, or nobody. */
  isBot: boolean
  /** A browser without a window, driven by a program. */
  isHeadless: boolean
  /** Undefined without a user agent. */
  device: 'mobile' | 'tablet' | 'desktop' | undefined
}

function deviceOf(userAgent: string): Agent['device'] {
  if (userAgent === '') return undefined
  if (/iPad|Tablet|Android(?!.*Mobile)/.test(userAgent)) return 'tablet'
  return /Mobi|iPhone|Android/.test(userAgent) ? 'mobile' : 'desktop'
}

function read(userAgent: string): Agent {
  const isHeadless = userAgent.includes('HeadlessChrome')
  // Some headless browsers are nothing else that isbot knows: judge what would be left of them with a window.
  const isBot = userAgent === '' || isbot(isHeadless ? userAgent.replace('HeadlessChrome', 'Chrome') : userAgent)
  return { isBot, isHeadless, device: deviceOf(userAgent) }
}

const MAX_KNOWN = 10_000
const known = new Map<string, Agent>()

/** Reads a user agent; remembers those of late, since the patterns of all bots are a long way to go for each event. */
export function agentOf(userAgent: string): Agent {
  const before = known.get(userAgent)
  if (before) return before
  const agent = read(userAgent)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(userAgent, agent)
  return agent
}
