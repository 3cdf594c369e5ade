/** Value of a lower-case hexadecimal digit by its character code. */
const DIGIT = new Uint8Array(128)
for (let value = 0; value < 16; value++) DIGIT[value.toString(16).charCodeAt(0)] = value

/** Where in the text of a UUID its bytes stand. */
const AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/** The 16 bytes of a UUID in lower case. A loop over digits, since this runs once per event: a third of the time of Buffer and replaceAll. */
export function uuidBytes(id: string): Uint8Array {
  const bytes = new Uint8Array(16)
  for (let i = 0; i < 16; i++) {
    const at = AT[i] ?? 0
    bytes[i] = ((DIGIT[id.charCodeAt(at)] ?? 0) << 4) | (DIGIT[id.charCodeAt(at + 1)] ?? 0)
  }
  return bytes
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
