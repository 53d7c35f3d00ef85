import { describe, expect, it } from 'vitest'
import { configReference } from './config-reference.ts'
import { mainSample } from './main-sample.ts'
import { defaultOf, type SettingFacts } from './setting.ts'
import { SETTINGS } from './settings.ts'
import { settingRows } from './settings-tree.ts'
import { shapeOf } from './shape.ts'
import { setValue } from './toml-edit.ts'
import { parseToml } from './toml.ts'
import type { TomlInput } from './toml-write.ts'
import { formatGoDuration } from './duration.ts'

const facts: SettingFacts = {
  platform: 'linux',
  logFile: '/w/log/log',
  ginLogFile: '/w/log/gin.log',
  cacheDir: 'C:\\w',
}
const sample = mainSample(facts)
const lines = (text: string): number => text.split('\n').length

describe('mainSample', () => {
  it('sets only what is meant to be changed first', () => {
    const parsed = parseToml(sample)
    expect(parsed.ok && parsed.value.values['dataway']).toEqual({ urls: [], ntp: {}, wal: {} })
    expect(parsed.ok && Object.keys(parsed.value.values)).toContain('default_enabled_inputs')
  })

  const rows = settingRows(SETTINGS).filter(({ setting }) => !setting.envOnly)
  it.each(rows.map(({ path, setting }) => [path.join('.'), path, setting] as const))(
    '%s is switched on in its own line',
    (_name, path, setting) => {
      const shape = shapeOf(setting.schema).kind
      const value = defaultOf(setting, facts)
      const input = shape === 'duration' ? formatGoDuration(value as number) : (value as TomlInput)
      // A table has its header only: the key is a new line.
      const isMap = shape === 'map'
      const result = isMap ? setValue(sample, [...path, 'key'], 'v') : setValue(sample, path, input)
      expect(result.ok && lines(result.value.text) - lines(sample)).toBe(isMap ? 1 : 0)
    },
  )

  it('keeps its lines short enough to read', () => {
    const long = sample.split('\n').filter((line) => line.startsWith('#') && line.length > 110)
    expect(long).toEqual([])
  })
})

describe('configReference', () => {
  it('is what docs/config-reference.md holds (vitest -u writes it)', async () => {
    await expect(configReference()).toMatchFileSnapshot('../../docs/config-reference.md')
  })

  it('names every setting and every variable', () => {
    const page = configReference()
    for (const { path, setting } of settingRows(SETTINGS)) {
      expect(page).toContain(setting.envOnly ? '(none)' : `\`${path.at(-1)}\``)
      for (const variable of setting.env) expect(page).toContain(`\`${variable.name}\``)
    }
  })
})
