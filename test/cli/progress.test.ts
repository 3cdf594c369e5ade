import { describe, expect, it } from 'vitest'
import { type ProgressOptions, withProgress } from '../../collector/cli/progress.ts'
import { table } from '../../collector/cli/table.ts'
import type { Progress } from '../../collector/store/store.ts'
import { sink } from './direct.ts'

/** What is shown of work that is told to be at [ms, done, total]. */
async function shown(
  steps: [ms: number, done: number, total: number][],
  { isTTY = false, ...options }: Partial<ProgressOptions> & { isTTY?: boolean } = {},
) {
  const stderr = sink({ isTTY })
  let at = 1_000_000
  const start = at
  await withProgress({ stderr, now: () => at, what: 'Verifying', ...options }, async (update: Progress) => {
    for (const [ms, done, total] of steps) {
      at = start + ms
      update(done, total)
    }
  })
  return stderr.text()
}

describe('progress', () => {
  it('draws a bar on a terminal, over and over in the same line, and keeps the last one', async () => {
    const text = await shown(
      [
        [1_000, 2_000, 8_000],
        [1_050, 3_000, 8_000],
        [4_000, 8_000, 8_000],
      ],
      { isTTY: true },
    )
    expect(text.split('\r\u001b[K')).toEqual([
      '',
      'Verifying ██████░░░░░░░░░░░░░░░░░░ 25 % (2,000 of 8,000), 2,000/s, 3 s left',
      'Verifying ████████████████████████ 100 % (8,000 of 8,000), 2,000/s',
      'Verifying ████████████████████████ 100 % (8,000 of 8,000), 2,000/s, 4 s in all\n',
    ])
  })

  it('is cut to the width of the terminal', async () => {
    const [, first] = (await shown([[1_000, 1_234_567_890, 9_234_567_890]], { isTTY: true, what: 'Importing' })).split('\r\u001b[K')
    expect(first).toHaveLength(79)
  })

  it('writes plain lines elsewhere: one every 10 s and one at the end', async () => {
    const text = await shown(Array.from({ length: 241 }, (_, i) => [i * 100, i, 240]))
    expect(text).toBe(
      [
        'Verifying 41 % (100 of 240), 10/s, 14 s left\n',
        'Verifying 83 % (200 of 240), 10/s, 4 s left\n',
        'Verifying 100 % (240 of 240), 10/s, 24 s in all\n',
      ].join(''),
    )
  })

  it('says nothing but the end of what is short, and copes with an unknown total', async () => {
    expect(
      await shown([
        [500, 100, 0],
        [1_000, 300, 0],
      ]),
    ).toBe('Verifying 300, 300/s, 1 s in all\n')
    expect(await shown([])).toBe('Verifying 0, 0/s, 0 s in all\n')
  })

  it('counts what an earlier run did into the share and not into the rate', async () => {
    const text = await shown(
      [
        [10_000, 6_000, 10_000],
        [20_000, 10_000, 10_000],
      ],
      { from: 5_000 },
    )
    expect(text).toContain('60 % (6,000 of 10,000), 100/s, 40 s left')
  })

  it('leaves the line to the error on a terminal', async () => {
    const stderr = sink({ isTTY: true })
    const work = withProgress({ stderr, now: () => 0, what: 'Verifying' }, async (update) => {
      update(1, 2)
      throw new Error('stopped')
    })
    await expect(work).rejects.toThrow('stopped')
    expect(stderr.text().endsWith('\r\u001b[K')).toBe(true)
  })
})

describe('table', () => {
  it('sets columns, numbers to the right', () => {
    expect(
      table(
        ['code', 'events', 'now'],
        [
          ['a', 1_200, 'yes'],
          ['longer', 7, ''],
        ],
      ),
    ).toBe('code    events  now\na        1,200  yes\nlonger       7\n')
    expect(table(['code'], [])).toBe('')
  })

  it('shows what a terminal would obey', () => {
    expect(table(['where'], [['\u001b[2Jtop\n\u202eevil']])).toBe('where\n\\u{1b}[2Jtop\\u{a}\\u{202e}evil\n')
  })

  it('cuts a cell that would push the others out of sight', () => {
    expect(table(['a', 'b'], [['x'.repeat(500), 'y']])).toContain(`${'x'.repeat(199)}…  y`)
  })
})
