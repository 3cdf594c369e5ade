import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** A built file, with each form in which it can be sent. */
export interface Asset {
  type: string
  bodies: { identity: Uint8Array<ArrayBuffer>; gzip: Uint8Array<ArrayBuffer>; br: Uint8Array<ArrayBuffer> }
  /** Of the content, without quotes. */
  hash: string
}

/** A script for pages, with its source map, the path under which it never changes and the hash that a page may ask for. */
export interface Script extends Asset {
  map: Asset
  path: string
  integrity: string
}

export interface Assets {
  scripts: Record<'tallymark' | 'vitals' | 'shims', Script>
  dashboardScript: string
  dashboardStyle: string
  /** Folder with the files of the demo site. */
  demoFolder: string
}

function asset(content: Buffer, type: string): Asset {
  return {
    type,
    bodies: {
      identity: Uint8Array.from(content),
      gzip: Uint8Array.from(gzipSync(content, { level: 9 })),
      br: Uint8Array.from(brotliCompressSync(content)),
    },
    hash: createHash('sha256').update(content).digest('base64url').slice(0, 27),
  }
}

/** Reads what the build made in `root/dist`. Throws an Error that names the fix when it is not there. */
export function loadAssets(root: string): Assets {
  const read = (name: string) => {
    try {
      return readFileSync(join(root, 'dist', name))
    } catch (cause) {
      throw new Error(`collector: ${name} is not built; run "npm run build"`, { cause })
    }
  }
  const { scripts } = JSON.parse(read('scripts.json').toString()) as { scripts: Record<string, Pick<Script, 'path' | 'integrity'>> }
  const script = (name: keyof Assets['scripts']): Script => ({
    ...asset(read(`${name}.js`), 'text/javascript; charset=utf-8'),
    ...(scripts[name] as Pick<Script, 'path' | 'integrity'>),
    map: asset(read(`${name}.js.map`), 'application/json'),
  })
  return {
    scripts: { tallymark: script('tallymark'), vitals: script('vitals'), shims: script('shims') },
    dashboardScript: read('dashboard/client.js').toString(),
    dashboardStyle: read('dashboard/style.css').toString(),
    demoFolder: join(root, 'demo-site'),
  }
}
