import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebhookTargetError, webhookTransport } from '../../collector/webhooks/webhookTransport.ts'
import { CERTIFICATE, PRIVATE_KEY } from '../support/certificate.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'

const PUBLIC = [{ address: '93.184.216.34', family: 4 }]
const message = { headers: { 'webhook-id': 'msg_1' }, body: '{"a":"ø"}' }

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('the address of a webhook', () => {
  const strict = webhookTransport({ allowPrivate: false, resolve: async () => PUBLIC })

  it('may be a public https address, by name or by number', async () => {
    await strict.check('https://hooks.example/tallymark')
    await strict.check('https://93.184.216.34:8443/')
    await strict.check('https://[2606:4700:4700::1111]/')
  })

  it.each([
    'http://hooks.example/',
    'ftp://hooks.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'hooks.example',
    '//hooks.example',
    '',
    'https://user:secret@hooks.example/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://１２７.0.0.1/',
  ])('is refused when it is %s, and nothing is sent', async (url) => {
    await expect(strict.check(url)).rejects.toThrow(WebhookTargetError)
    await expect(strict.post(url, message)).rejects.toThrow(WebhookTargetError)
  })

  it.each([
    ['loopback', ['127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a ULA', ['fd00::1']],
    ['one private address among public ones', ['93.184.216.34', '10.0.0.7']],
    ['nothing', []],
  ])('is refused when its name leads to %s', async (_what, addresses) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const transport = webhookTransport({ allowPrivate: false, resolve: async () => found })
    await expect(transport.check('https://hooks.example/')).rejects.toThrow('must lead to a public address')
    await expect(transport.post('https://hooks.example/', message)).rejects.toThrow('must lead to a public address')
  })

  it('is refused when its name leads nowhere', async () => {
    const transport = webhookTransport({
      allowPrivate: false,
      resolve: async () => {
        throw new Error('ENOTFOUND')
      },
    })
    await expect(transport.check('https://nowhere.example/')).rejects.toThrow('cannot be found')
  })

  it('is checked again when sent to: a name that was public and is private by then gets nothing', async () => {
    const answers = [PUBLIC, [{ address: '127.0.0.1', family: 4 }]]
    const transport = webhookTransport({ allowPrivate: false, resolve: async () => answers.shift() ?? [] })
    await transport.check(`https://rebind.example:${receiver.port}/`)
    await expect(transport.post(`https://rebind.example:${receiver.port}/`, message)).rejects.toThrow('must lead to a public address')
    expect(receiver.received).toEqual([])
  })
})

describe('a webhook that is sent', () => {
  const open = webhookTransport({ allowPrivate: true, timeoutMs: 300 })

  it('arrives with its headers and the very bytes that were signed', async () => {
    expect(await open.post(receiver.url, message)).toBe(204)
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    expect(body).toBe(message.body)
    expect(headers).toMatchObject({
      'webhook-id': 'msg_1',
      'content-type': 'application/json',
      'content-length': '10',
      'user-agent': 'Tallymark',
    })
  })

  it('goes to the address that was checked, whatever the name means by then, and keeps the name as host', async () => {
    let asked = 0
    const transport = webhookTransport({
      allowPrivate: true,
      resolve: async () => {
        asked += 1
        return [{ address: '127.0.0.1', family: 4 }]
      },
    })
    // A name that no resolver of this machine knows: only the address handed over can have been used.
    expect(await transport.post(`http://hooks.invalid:${receiver.port}/`, message)).toBe(204)
    expect([asked, receiver.received[0]?.headers.host]).toEqual([1, `hooks.invalid:${receiver.port}`])
  })

  it('does not follow a redirect', async () => {
    receiver.answer = (_request, response) => void response.writeHead(302, { location: receiver.url }).end()
    expect(await open.post(receiver.url, message)).toBe(302)
    expect(receiver.received).toHaveLength(1)
  })

  it('fails when nobody answers in time', async () => {
    receiver.answer = () => {}
    await expect(open.post(receiver.url, message)).rejects.toThrow('no answer within 0.3 s')
  })

  it('fails when its name is not found in time', async () => {
    const transport = webhookTransport({ allowPrivate: true, timeoutMs: 50, resolve: () => new Promise(() => {}) })
    await expect(transport.post('http://slow.invalid/', message)).rejects.toThrow('no answer within 0.05 s')
  })

  it('fails when the connection is cut, refused, or speaks no HTTP', async () => {
    receiver.answer = (request) => void request.socket.destroy()
    await expect(open.post(receiver.url, message)).rejects.toThrow()
    const other = createServer((socket) => void socket.resume().end('hello\r\n')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(open.post(`http://127.0.0.1:${port}/`, message)).rejects.toThrow('Parse Error')
    other.close()
    await once(other, 'close')
    await expect(open.post(`http://127.0.0.1:${port}/`, message)).rejects.toThrow('ECONNREFUSED')
  })

  it('reads no more than 64 KiB of an answer that has no end', async () => {
    let written = 0
    const cut = new Promise<void>((resolve) => {
      receiver.answer = (_request, response) => {
        response.writeHead(200)
        const chunk = Buffer.alloc(16_384)
        const pour = () => {
          while (!response.destroyed && response.write(chunk)) written += chunk.length
        }
        response.on('drain', pour).on('close', resolve)
        pour()
      }
    })
    const patient = webhookTransport({ allowPrivate: true, timeoutMs: 60_000 })
    expect(await patient.post(receiver.url, message)).toBe(200)
    await cut
    expect(written).toBeLessThan(20_000_000) // what the sockets between the two hold
  })
})

describe('a webhook over TLS', () => {
  const trusted = getCACertificates()
  let secure: Receiver
  beforeEach(async () => {
    secure = await startReceiver({ cert: CERTIFICATE, key: PRIVATE_KEY })
  })
  afterEach(async () => {
    setDefaultCACertificates(trusted)
    await secure.close()
  })
  // The names lead here by these addresses alone.
  const transport = webhookTransport({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] })

  it('arrives where the certificate is that of the name', async () => {
    setDefaultCACertificates([...trusted, CERTIFICATE])
    expect(await transport.post(`https://hooks.invalid:${secure.port}/`, message)).toBe(204)
    expect(secure.received).toMatchObject([{ body: message.body, headers: { host: `hooks.invalid:${secure.port}` } }])
  })

  it('is not sent where the certificate is of another name, or of nobody who is trusted', async () => {
    await expect(transport.post(`https://hooks.invalid:${secure.port}/`, message)).rejects.toThrow('self-signed certificate')
    setDefaultCACertificates([...trusted, CERTIFICATE])
    await expect(transport.post(`https://other.invalid:${secure.port}/`, message)).rejects.toThrow("does not match certificate's altnames")
    expect(secure.received).toEqual([])
  })
})
