// `npm start`: installs and builds what is missing, then runs the collector.
import { become, ensureBuilt, ensureInstalled } from './setup.mjs'

ensureInstalled()
ensureBuilt()
become(['--disable-warning=ExperimentalWarning', 'dist/collector/main.js', 'start', ...process.argv.slice(2)])
