// `npm test`: sets up all that the tests need, a real browser too, and runs them.
import { ensureBrowser } from './browser.mjs'
import { become, ensureBuilt, ensureInstalled } from './setup.mjs'

ensureInstalled()
const browser = ensureBrowser()
ensureBuilt()
become(['--disable-warning=ExperimentalWarning', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  environment: { TALLYMARK_CHROMIUM: browser },
})
