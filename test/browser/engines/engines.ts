import { openChromium } from './chromium.ts'
import type { Engine, EngineName } from './engine.ts'
import { openFirefox } from './firefox.ts'
import { openWebkit } from './webkit.ts'

/** How to start each browser. */
export const ENGINES: Record<EngineName, () => Promise<Engine>> = { chromium: openChromium, firefox: openFirefox, webkit: openWebkit }
