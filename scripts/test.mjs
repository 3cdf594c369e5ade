// `npm test`: sets up all that the tests need, real browsers too, and runs them.
import { ensureBrowsers } from './browser.mjs'
import { become, ensureBuilt, ensureInstalled } from './setup.mjs'

ensureInstalled()
const environment = ensureBrowsers()
ensureBuilt()
become(['--disable-warning=ExperimentalWarning', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  environment,
})
