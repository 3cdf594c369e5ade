import type { Database } from './database.ts'

function between<Result>(database: Database, begin: string, work: () => Result): Result {
  database.exec(begin)
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Runs `work` in one transaction that takes the write lock at once; rolls back whatever it throws. */
export const transaction = <Result>(database: Database, work: () => Result): Result => between(database, 'BEGIN IMMEDIATE', work)

/** Runs `work`, which only reads, on one moment of the store. */
export const snapshot = <Result>(database: Database, work: () => Result): Result => between(database, 'BEGIN', work)
