import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { quit } from './setup.mjs'

const KNOWN = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const found = () => [process.env.TALLYMARK_CHROMIUM, ...KNOWN].find((path) => path && existsSync(path))

const canInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

function install() {
  console.log('Installing Chromium from the packages of this Debian (once) …')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status === 0
  if (!run('update')) quit('apt-get update failed, see above. Check the network, then run npm test again')
  if (!run('install', '-y', '--no-install-recommends', 'chromium-headless-shell'))
    run('install', '-y', '--no-install-recommends', 'chromium')
}

/** Path of a real Chromium, installed from Debian's packages where this user may. Ends with a sentence when there is none. */
export function ensureBrowser() {
  if (!found() && canInstall()) install()
  return (
    found() ??
    quit(
      'the tests need Chromium. Install it ("apt-get install chromium", or Chrome on other systems), or set TALLYMARK_CHROMIUM to its path',
    )
  )
}
