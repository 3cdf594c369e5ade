import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../../collector/cli/verify.ts'
import { ledgerEventOf, purchaseOf } from '../support/events.ts'
import { sqlitePlace } from '../support/sqlite.ts'
import { runCommand } from './direct.ts'
import { tallymark } from './tallymark.ts'

let place: Awaited<ReturnType<typeof sqlitePlace>>
beforeEach(async () => {
  place = await sqlitePlace()
  const store = await place.open()
  await store.append([ledgerEventOf({ n: 1, tags: { placement: 'top' } }), purchaseOf({ n: 2, orderId: 'A-1' })])
  await store.close()
})
afterEach(() => place.destroy())

function change(sql: string): void {
  const database = new DatabaseSync(place.path)
  database.exec(sql)
  database.close()
}

describe('tallymark verify', () => {
  it('ends with 0 when every unit agrees', async () => {
    const ended = await tallymark(place.path, 'verify')
    expect([ended.code, ended.stdout]).toEqual([0, 'Everything agrees with the ledger.\n'])
    expect(ended.stderr).toMatch(/^Verifying 100 % \(2 of 2\), [\d,]+\/s, 0 s in all\n$/)
    expect(await tallymark(place.path, 'verify', '--json')).toMatchObject({ code: 0, stdout: '{"differences":[]}\n' })
  })

  it('ends with 1 on one unit too many, says where and what to do, which helps', async () => {
    change('UPDATE totals SET count = count + 1 WHERE grain = 0 AND dimension = 0 AND amount = 0')
    const { code, stdout } = await tallymark(place.path, 'verify')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^where +stored +expected\ntotals spring all \S+ shop click +2,0,0 +1,0,0\n\n/)
    expect(stdout).toContain('Differences from the ledger: 1. "tallymark rebuild" makes the totals anew')
    const { differences } = JSON.parse((await tallymark(place.path, 'verify', '--json')).stdout)
    expect(differences).toMatchObject([{ where: expect.stringMatching(/^totals spring all/), stored: '2,0,0', expected: '1,0,0' }])
    expect(await tallymark(place.path, 'rebuild')).toMatchObject({ code: 0, stdout: 'The totals are made anew.\n' })
    expect(await tallymark(place.path, 'verify')).toMatchObject({ code: 0 })
  })

  it('does not send anybody to rebuild with what that cannot mend', async () => {
    change('DELETE FROM keys')
    const store = await place.open()
    const { code, stdout } = await runCommand(verify, { store })
    await store.close()
    expect(code).toBe(1)
    expect(stdout).toContain('index of orders and leads: rows')
    expect(stdout).toContain('"tallymark export" and "tallymark import" into a new file')
    expect(stdout).not.toContain('rebuild')
  })
})
