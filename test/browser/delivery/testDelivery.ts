import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, Profile, Tab } from '../engines/engine.ts'
import { type Place, startPlace } from '../place.ts'
import { type Measured, measure } from './measure.ts'
import { ROWS, type Row } from './rows.ts'

const percent = (part: number) => `${Math.round(part * 1_000) / 10} %`

/** Rows in one browser, all by default, and at the end what was measured, as rows of a table. */
export function testDelivery(
  open: () => Promise<Engine>,
  { repetitions, atATime, rows = ROWS }: { repetitions: number; atATime: number; rows?: Row[] },
): void {
  describe('delivers each event, and counts it once', () => {
    let engine: Engine
    let profile: Profile
    let place: Place
    const tabs: Tab[] = []
    const table: Measured[] = []
    beforeAll(async () => {
      place = await startPlace()
      engine = await open()
      profile = await engine.newProfile()
      for (let i = 0; i < atATime; i++) tabs.push(await profile.newTab())
    })
    afterAll(async () => {
      const lines = table.map(
        ({ row, atOnce, byNextVisit, moreThanOnce }) =>
          `| ${row} | ${repetitions} | ${percent(atOnce)} | ${percent(byNextVisit)} | ${percent(moreThanOnce)} |\n`,
      )
      process.stdout.write(`${engine.name} ${engine.version}\n${lines.join('')}`)
      await profile?.close()
      await engine?.close()
      await place?.close()
    })

    for (const row of rows) {
      it(row.name, { timeout: 240_000 }, async () => {
        const measured = await measure(row, { engine, profile, place, repetitions, tabs })
        table.push(measured)
        expect(measured).toEqual({
          row: row.name,
          repetitions,
          atOnce: row.isAtOnce ? 1 : expect.any(Number),
          byNextVisit: 1,
          moreThanOnce: 0,
        })
      })
    }
  })
}
