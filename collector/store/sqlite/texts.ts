import type { Database } from './database.ts'

/** Strings kept in memory; a run of unique tags must not fill it. */
const MAX_CACHED = 100_000

/** The dictionary of strings: each is stored once and named by a number above 0. */
export interface Texts {
  /** The number of a string, given out where it has none. Only within a write transaction. */
  idOf(text: string): number
  /** The number of a string that may not exist. */
  find(text: string): number | undefined
  textOf(id: number): string
  /** Forgets what is cached: after a rollback numbers given out in it are void. */
  forget(): void
}

export function openTexts(database: Database): Texts {
  const ids = new Map<string, number>()
  const texts = new Map<number, string>()
  const byText = database.prepare('SELECT id FROM texts WHERE text = ?')
  const byId = database.prepare('SELECT text FROM texts WHERE id = ?')
  const insert = database.prepare('INSERT INTO texts (text) VALUES (?)')

  function remember(text: string, id: number): number {
    if (ids.size >= MAX_CACHED) forget()
    ids.set(text, id)
    texts.set(id, text)
    return id
  }
  function forget(): void {
    ids.clear()
    texts.clear()
  }
  function find(text: string): number | undefined {
    const cached = ids.get(text)
    if (cached !== undefined) return cached
    const row = byText.get(text)
    return row && remember(text, Number(row.id))
  }
  const idOf = (text: string) => find(text) ?? remember(text, Number(insert.run(text).lastInsertRowid))
  return {
    find,
    forget,
    idOf,
    textOf(id) {
      const cached = texts.get(id)
      if (cached !== undefined) return cached
      const text = String(byId.get(id)?.text)
      remember(text, id)
      return text
    },
  }
}
