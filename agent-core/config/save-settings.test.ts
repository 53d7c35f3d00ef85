import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { saveSettings, type SettingChange } from './save-settings.ts'
import { withWorkdir } from './test-workdir.ts'

const save = (text: string, changes: readonly SettingChange[]): string =>
  withWorkdir({ 'conf.d/datakit.conf': text }, ({ layout }) => {
    const result = saveSettings(layout.mainFile, changes)
    const after = readFileSync(layout.mainFile, 'utf8')
    return result.ok ? after : `${result.error.code}|${after}`
  })

describe('saveSettings', () => {
  it('changes only the lines of its settings', () => {
    const before = '\uFEFF# mine\r\n[dataway]\r\n  # urls = []\r\n  gzip = false # why\r\n'
    const urls = { path: ['dataway', 'urls'], value: ['https://h'] }
    expect(save(before, [urls, { path: ['dataway', 'gzip'], value: undefined }])).toBe(
      '\uFEFF# mine\r\n[dataway]\r\n  urls = ["https://h"]\r\n',
    )
  })

  it('does not touch a file that does not parse, or any when one change is not possible', () => {
    expect(save('a = \n', [{ path: ['b'], value: 1 }])).toBe('CONFIG_SYNTAX|a = \n')
    const impossible = { path: ['b', 'c'], value: 1 }
    expect(save('b = 1\n', [{ path: ['a'], value: 1 }, impossible])).toBe('CONFIG_VALUE|b = 1\n')
  })

  it('makes a missing file, and says when it cannot', () => {
    withWorkdir({}, ({ layout }) => {
      expect(saveSettings(layout.mainFile, [{ path: ['name'], value: 'n' }]).ok).toBe(true)
      expect(readFileSync(layout.mainFile, 'utf8')).toBe('name = "n"\n')
      rmSync(layout.mainFile)
      mkdirSync(layout.mainFile)
      const result = saveSettings(layout.mainFile, [])
      expect(!result.ok && result.error.code).toBe('CONFIG_READ')
    })
  })
})
