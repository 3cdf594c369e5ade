// Builds dist/: the script, the npm module, the collector, the dashboard's files; with --types their declarations, too.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodePath, quit, ROOT } from './setup.mjs'

function run(...args) {
  const { status } = spawnSync(nodePath(), args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) quit(`${args[0]} failed, see above`)
}

rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
run('node_modules/rollup/dist/bin/rollup', '-c', '--silent')

const styles = ['node_modules/uplot/dist/uPlot.min.css', 'collector/dashboard/client/style.css']
mkdirSync(join(ROOT, 'dist/dashboard'), { recursive: true })
writeFileSync(join(ROOT, 'dist/dashboard/style.css'), styles.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n'))

if (process.argv.includes('--types')) {
  for (const project of ['sdk', 'collector']) {
    run(
      'node_modules/typescript/bin/tsc',
      ...['-p', project, '--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--rootDir', '.', '--outDir', 'dist/types'],
    )
  }
}
