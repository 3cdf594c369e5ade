import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')
const README = read('README.md')

describe('the README', () => {
  it('states the size of the script to the byte', () => {
    const [, stated = ''] = /script is ([\d,]+) bytes brotli/.exec(README) ?? []
    expect(Number(stated.replaceAll(',', ''))).toBe(brotliCompressSync(readFileSync(join(ROOT, 'dist/tallymark.js'))).length)
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
