import { createHash } from 'node:crypto'

export interface Asset {
  /** Holds a hash of the content, so that a browser may keep it for ever. */
  name: string
  type: string
  body: string
}

export interface Assets {
  script: Asset
  style: Asset
}

/** Names the built script and style after their content. */
export function nameAssets(built: { script: string; style: string }): Assets {
  return {
    script: { name: `dashboard-${hash(built.script)}.js`, type: 'text/javascript; charset=utf-8', body: built.script },
    style: { name: `dashboard-${hash(built.style)}.css`, type: 'text/css; charset=utf-8', body: built.style },
  }
}

// 48 bits: enough to tell builds of one file apart.
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
