import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

interface Import {
  file: string
  /** A package or Node module by name, a file by its path from the root. */
  of: string
}

function importsIn(folder: string): Import[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  return files.flatMap((name) => {
    const file = join(folder, name)
    const source = readFileSync(join(ROOT, file), 'utf8')
    return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, of = '']) => ({
      file,
      of: of.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), of)) : of,
    }))
  })
}

const sdk = importsIn('sdk')
const collector = importsIn('collector')
const sourceOf = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const files = (imports: Import[]) => [...new Set(imports.map(({ file }) => file))]

describe('import rules', () => {
  it('sees the imports it judges', () => {
    expect(sdk.length).toBeGreaterThan(10)
    expect(collector.length).toBeGreaterThan(100)
  })

  it('lets the SDK import only itself', () => {
    const others = sdk.filter(({ of }) => !of.startsWith('sdk/'))
    expect(others).toEqual([{ file: 'sdk/vitals.ts', of: 'web-vitals' }])
  })

  it('lets wire.ts import nothing', () => {
    expect(sdk.filter(({ file }) => file === 'sdk/wire.ts')).toEqual([])
  })

  it('lets the collector see nothing of the SDK but wire.ts', () => {
    expect(collector.filter(({ of }) => of.startsWith('sdk/') && of !== 'sdk/wire.ts')).toEqual([])
  })

  it('keeps node:sqlite in one file', () => {
    expect(files(collector.filter(({ of }) => of === 'node:sqlite'))).toEqual(['collector/store/sqlite/database.ts'])
  })

  it('keeps Hono and other backends out of a backend', () => {
    const backend = collector.filter(({ file }) => file.startsWith('collector/store/'))
    expect(backend.filter(({ of }) => of.startsWith('hono') || of.startsWith('@hono'))).toEqual([])
    expect(backend.filter(({ of }) => of.startsWith('collector/') && !of.startsWith('collector/store/'))).toEqual([])
  })

  it('hands the store to routes instead of letting them build one', () => {
    const builders = files(collector.filter(({ of }) => of === 'collector/store/sqlite/sqliteStore.ts'))
    expect(builders.sort()).toEqual(['collector/index.ts', 'collector/main.ts'])
  })

  it('reads the clock and the environment of the process at the rim only', () => {
    const reads = (pattern: RegExp) =>
      files(collector).filter((file) => !file.startsWith('collector/dashboard/client') && pattern.test(sourceOf(file)))
    expect(reads(/Date\.now\b|new Date\(\)|performance\.now/).sort()).toEqual(['collector/index.ts', 'collector/main.ts'])
    expect(reads(/process\.env/)).toEqual(['collector/main.ts'])
  })

  it('keeps money, verdicts and attribution free of effects', () => {
    const pure = collector.filter(({ file }) =>
      /^collector\/(money|attribution|ingest\/(verdict|clickVerdict|attribute|correctTime|isViewable|checkOrigin))/.test(file),
    )
    // A hash of what is given is as pure as a sum of it.
    const isHash = ({ file, of }: Import) => file === 'collector/money/statement.ts' && of === 'node:crypto'
    expect(pure.filter((one) => (one.of.startsWith('node:') || one.of.startsWith('hono')) && !isHash(one))).toEqual([])
  })
})
