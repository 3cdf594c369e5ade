import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { quit } from './setup.mjs'

/** A program of the machine by its name, as a shell would find it. */
const onPath = (name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))

const CHROMES = [
  ...onPath('chromium'),
  ...onPath('chromium-browser'),
  ...onPath('google-chrome'),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Each program that the tests drive: the variable that names it, where it may be, and the package of Debian that has it. */
const PROGRAMS = [
  { variable: 'TALLYMARK_CHROMIUM', paths: [...onPath('chromium-headless-shell'), ...CHROMES], packages: ['chromium-headless-shell'] },
  { variable: 'TALLYMARK_CHROMIUM_WHOLE', paths: CHROMES, packages: ['chromium'] },
  { variable: 'TALLYMARK_FIREFOX', paths: [...onPath('firefox-esr'), ...onPath('firefox')], packages: ['firefox-esr'] },
  {
    variable: 'TALLYMARK_WEBKIT',
    paths: ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'libexec', 'lib'].map((place) => `/usr/${place}/webkit2gtk-4.1/MiniBrowser`),
    packages: ['webkit2gtk-driver'],
  },
  { variable: 'TALLYMARK_WEBKIT_DRIVER', paths: onPath('WebKitWebDriver'), packages: ['webkit2gtk-driver'] },
  { variable: 'TALLYMARK_XVFB', paths: onPath('Xvfb'), packages: ['xvfb'] },
]

const find = ({ variable, paths }) => [process.env[variable], ...paths].find((path) => path && existsSync(path))

const missingOf = (programs) => [...new Set(programs.filter((program) => !find(program)).flatMap(({ packages }) => packages))]

const canInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

function install(packages) {
  console.log(`Installing ${packages.join(', ')} from the packages of this Debian (once) …`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env: environment }).status === 0
  if (!run('update')) quit('apt-get update failed, see above. Check the network, then run the same command again')
  if (!run('install', '-y', '--no-install-recommends', ...packages)) quit('apt-get install failed, see above')
}

/** Paths of `programs` by their variables. Ends with a sentence when one is missing that this user may not install. */
function ensure(programs) {
  if (missingOf(programs).length > 0 && canInstall()) install(missingOf(programs))
  const missing = programs.filter((program) => !find(program))
  if (missing.length > 0) {
    quit(
      `needs real browsers. Install them ("apt-get install ${missingOf(programs).join(' ')}" on Debian), or set ${missing.map(({ variable }) => variable).join(', ')} to the path of each`,
    )
  }
  return Object.fromEntries(programs.map((program) => [program.variable, find(program)]))
}

/** Path of a real Chromium, installed from Debian's packages where this user may. Ends with a sentence when there is none. */
export const ensureBrowser = () => ensure(PROGRAMS.slice(0, 1)).TALLYMARK_CHROMIUM

/** Environment of the tests: the path of each browser and of what drives it, installed where this user may. */
export const ensureBrowsers = () => ensure(PROGRAMS)
