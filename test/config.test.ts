import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../collector/config.ts'

describe('configuration', () => {
  it('works without any variable', () => {
    expect(readConfig({})).toMatchObject({
      port: 8787,
      demo: true,
      adminToken: undefined,
      storePath: expect.stringMatching(/data.tallymark\.db$/),
    })
  })

  it.each([
    ['TALLYMARK_PORT', 'eighty'],
    ['TALLYMARK_PORT', '65536'],
    ['TALLYMARK_PORT', '-1'],
    ['TALLYMARK_STORE', 'postgres://x'],
    ['TALLYMARK_STORE', 'sqlite:'],
    ['TALLYMARK_ADMIN_TOKEN', 'short'],
    ['TALLYMARK_RETENTION_DAYS', '90'],
    ['TALLYMARK_RETENTION_DAYS', 'ever'],
    ['TALLYMARK_DEMO', 'yes'],
  ])('names %s when it is "%s"', (variable, value) => {
    expect(() => readConfig({ [variable]: value })).toThrow(ConfigError)
    expect(() => readConfig({ [variable]: value })).toThrow(new RegExp(`^${variable} .*set`))
  })

  it('takes an empty variable as not set', () => {
    expect(readConfig({ TALLYMARK_PORT: '', TALLYMARK_ADMIN_TOKEN: '' })).toMatchObject({ port: 8787, adminToken: undefined })
  })
})
