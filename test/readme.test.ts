import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const README = read('README.md')

const brotliSize = (content: Uint8Array | string) => brotliCompressSync(content).length

/** Bytes brotli of what a bundler makes of `import { NAMES } from 'tallymark'`. */
async function bundledSize(names: string): Promise<number> {
  const entry = 'virtual:entry'
  const bundle = await rolldown({
    input: entry,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? entry : null),
        load: (id) => (id === entry ? `export { ${names} } from '${join(ROOT, 'dist/sdk/index.js')}'` : null),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'es', minify: true })
  await bundle.close()
  return brotliSize(output[0].code)
}

describe('the README', () => {
  it('states the size of each entry to the byte, and none is over its limit', async () => {
    const sizes: Record<string, number> = {
      'tallymark.js': brotliSize(readFileSync(join(ROOT, 'dist/tallymark.js'))),
      'vitals.js': brotliSize(readFileSync(join(ROOT, 'dist/vitals.js'))),
      'shims.js': brotliSize(readFileSync(join(ROOT, 'dist/shims.js'))),
      "import { init } from 'tallymark'": await bundledSize('init'),
    }
    const rows = [...README.matchAll(/^\| `([^`]+)` \| [^|]+ \| ([\d,]+) \| ([\d,]+) \|$/gm)]
    expect(rows.map(([, entry]) => entry).sort()).toEqual(Object.keys(sizes).sort())
    const number = (text = '') => Number(text.replaceAll(',', ''))
    for (const [, entry = '', stated, limit] of rows) {
      expect([entry, number(stated)]).toEqual([entry, sizes[entry]])
      expect(number(stated)).toBeLessThanOrEqual(number(limit))
    }
    expect(README).toContain(`The script is ${sizes['tallymark.js']?.toLocaleString('en')} bytes brotli`)
  })

  it('leaves out of a bundle what is not imported', async () => {
    const [core, all] = [await bundledSize('init'), await bundledSize('init, clicks, impressions, landings, signups, consentMode')]
    expect(all - core).toBeGreaterThan(1_000)
  })

  it('names every variable that is read, with its default', () => {
    const variables = new Set([...read('collector/config.ts').matchAll(/get\('(TALLYMARK_\w+)'\)/g)].map(([, name]) => name))
    expect(variables.size).toBeGreaterThan(4)
    for (const name of variables) expect(README).toContain(`| \`${name}\` |`)
  })

  it('links to files that exist', () => {
    const pages = [
      'README.md',
      'CONTRIBUTING.md',
      ...readdirSync(join(ROOT, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]
    for (const page of pages) {
      const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
      for (const link of links) expect(statSync(join(ROOT, page, '..', link), { throwIfNoEntry: false }), `${page}: ${link}`).toBeDefined()
    }
  })

  it('names files in CONTRIBUTING that exist', () => {
    const named = [...read('CONTRIBUTING.md').matchAll(/`((?:sdk|collector|test)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(20)
    for (const path of named) expect(statSync(join(ROOT, path), { throwIfNoEntry: false }), path).toBeDefined()
  })
})
