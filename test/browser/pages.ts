import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'

const SCRIPT = resolve(import.meta.dirname, '../../dist/tallymark.js')

export interface Page {
  body: string
  /** Default `text/html`. */
  type?: string
  headers?: Record<string, string>
}

export interface Pages {
  port: number
  /** `http://127.0.0.1:PORT`; each server is an origin of its own, so its storage begins empty. */
  origin: string
  /** The same pages where the browser sees no secure context. */
  insecure: string
  /** Path and query of each request so far. */
  requests: string[]
  /** Puts a page at `path`, query not included, and returns its path. */
  put(path: string, page: string | Page): string
  close(): Promise<void>
}

/** A web server for pages, with the built script at `/tallymark.js`. */
export async function startPages(): Promise<Pages> {
  const script = await readFile(SCRIPT, 'utf8')
  const pages = new Map<string, Page>([['/tallymark.js', { body: script, type: 'text/javascript' }]])
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.url}`)
    const page = pages.get(new URL(request.url ?? '/', 'http://pages').pathname)
    request.resume()
    response.writeHead(page ? 200 : 204, {
      // Each visit asks anew; with `no-store` a page would never enter the back/forward cache.
      'cache-control': 'no-cache',
      ...(page && { 'content-type': page.type ?? 'text/html' }),
      ...page?.headers,
    })
    response.end(page?.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    insecure: `http://shop.test:${port}`,
    requests,
    put(path, page) {
      pages.set(path, typeof page === 'string' ? { body: page } : page)
      return path
    },
    close() {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    },
  }
}
