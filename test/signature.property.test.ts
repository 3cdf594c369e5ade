import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isTimely, verifySignature } from '../collector/verifySignature.ts'
import { signed } from './support/sign.ts'

const NOW = 1_764_000_000_000
const secretOf = (key: string) => createHash('sha256').update(key).digest()
const signatureOf = (key: string, body: Uint8Array) => {
  const headers = signed({ id: '', key }, body, NOW)
  return { timestamp: headers['Tallymark-Timestamp'] ?? '', signatures: headers['Tallymark-Signature'] ?? '' }
}
const bytes = fc.uint8Array({ maxLength: 300 })

it('verifies what was signed, whatever the bytes', () => {
  fc.assert(
    fc.property(bytes, fc.string(), (body, key) => {
      expect(verifySignature(body, signatureOf(key, body), secretOf(key))).toBe(true)
    }),
  )
})

it('never takes a body of which a byte was changed, added or taken away', () => {
  const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), how: fc.constantFrom('change', 'add', 'take') })
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.string(), change, (body, key, { at, by, how }) => {
      const place = at % body.length
      const changed = [...body]
      if (how === 'change') changed[place] = (changed[place] ?? 0) ^ by
      else changed.splice(place, how === 'take' ? 1 : 0, ...(how === 'add' ? [by] : []))
      expect(verifySignature(Uint8Array.from(changed), signatureOf(key, body), secretOf(key))).toBe(false)
    }),
    { numRuns: 1_000 },
  )
})

it('never takes another digit of signature or time, or another key', () => {
  fc.assert(
    fc.property(bytes, fc.string(), fc.nat(63), fc.integer({ min: 1, max: 15 }), fc.nat(9), (body, key, at, by, digit) => {
      const { timestamp, signatures } = signatureOf(key, body)
      const place = 'v1='.length + at
      const other = (Number.parseInt(signatures[place] ?? '', 16) ^ by).toString(16)
      const forged = signatures.slice(0, place) + other + signatures.slice(place + 1)
      expect(verifySignature(body, { timestamp, signatures: forged }, secretOf(key))).toBe(false)
      expect(verifySignature(body, { timestamp: `${timestamp}${digit}`, signatures }, secretOf(key))).toBe(false)
      expect(verifySignature(body, { timestamp, signatures }, secretOf(`${key}.`))).toBe(false)
    }),
    { numRuns: 1_000 },
  )
})

it('never throws, and takes nothing that is made up', () => {
  const header = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^v1=[0-9a-fA-F,v1= ]{0,200}$/))
  fc.assert(
    fc.property(bytes, header, header, fc.uint8Array({ maxLength: 64 }), (body, timestamp, signatures, key) => {
      expect(verifySignature(body, { timestamp, signatures }, key)).toBe(false)
      expect([true, false, undefined]).toContain(isTimely(timestamp, NOW))
    }),
    { numRuns: 2_000 },
  )
})

it('knows 300 seconds both ways, and what is no time', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700, max: 700 }), fc.integer({ min: 0, max: 999 }), (seconds, ms) => {
      const sentAt = NOW / 1_000 + seconds
      expect(isTimely(String(sentAt), NOW + ms)).toBe(Math.abs(seconds * 1_000 - ms) <= 300_000)
    }),
  )
  for (const text of ['', ' ', '1e9', '-1764000000', '1764000000.5', '0x10', '٣', '1764000000 ', '9'.repeat(16)])
    expect(isTimely(text, NOW)).toBe(undefined)
  expect(isTimely(String(NOW), NOW)).toBe(false)
})
