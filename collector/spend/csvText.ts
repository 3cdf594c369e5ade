import { CsvError } from './parseCsv.ts'

/** The text of a CSV file in UTF-8 or, as Google's "CSV for Excel" is, in UTF-16 with a byte order mark. Throws CsvError on anything else. */
export function csvText(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    throw new CsvError('the file must be text in UTF-8; in a spreadsheet, save it as "CSV UTF-8"')
  }
}
