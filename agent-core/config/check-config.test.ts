import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkConfig, type ConfigCheck } from './check-config.ts'
import { listed, testRegistry, withWorkdir } from './test-workdir.ts'

function check(files: Readonly<Record<string, string>>): ConfigCheck & { readonly shown: readonly string[] } {
  return withWorkdir(files, (dir) => {
    const before = listed(dir)
    const result = checkConfig(join(dir.layout.root, 'conf.d'), testRegistry, {
      env: {},
      platform: 'linux',
      cores: 2,
    })
    expect(listed(dir)).toEqual(before)
    return { ...result, shown: result.lines.map((line) => line.replaceAll(`${dir.layout.root}/`, '')) }
  })
}

describe('checkConfig', () => {
  it('counts what is right as the Go agent prints it', () => {
    const { shown, ok } = check({
      'conf.d/datakit.conf': 'name = "x"\n',
      'conf.d/cpu.conf': '[[inputs.cpu]]\n',
      'conf.d/prom.conf': '[[inputs.prom]]\nurls=[]\n[[inputs.prom]]\nurls=["x"]\n',
    })
    expect(shown).toEqual([
      '[I] got 1 cpu input in conf.d/cpu.conf',
      '[I] got 2 prom input in conf.d/prom.conf',
      '',
      '------------------------',
      'checked 3 samples, 0 ignored, 3 passed, 0 failed, 0 unknown, total input instance 3',
    ])
    expect(ok).toBe(true)
  })

  it('names what is wrong with its place', () => {
    const { shown, ok } = check({
      'conf.d/datakit.conf': 'ulimit = "x"\n',
      'conf.d/a.conf': '[[inputs.cpu]]\n',
      'conf.d/b.conf': '[[inputs.cpu]]\n',
      'conf.d/c.conf': '[[inputs.prom]\n',
      'conf.d/d.conf': '[[inputs.prom]]\nurls = 1\n',
      'conf.d/e.conf': '[[inputs.promm]]\n',
      'conf.d/f.conf': '[[inputs.prom]]\nurls = []\nx = 1\n',
      'conf.d/g.conf': '[[inputs.iis]]\n',
    })
    expect(shown).toEqual([
      '[I] got 1 cpu input in conf.d/a.conf',
      '[W] conf.d/b.conf: conf.d/b.conf has the same content as conf.d/a.conf and is not loaded again',
      '[E] failed to parse conf.d/c.conf:1:15: TOML syntax error: expected end of table array declaration',
      '[E] conf.d/d.conf:2:8: inputs.prom[0].urls must be a list of texts, not an integer',
      '[W] conf.d/e.conf:1:10: There is no collector promm; did you mean prom?',
      '[I] got 1 prom input in conf.d/f.conf',
      '[W] conf.d/f.conf:3:1: inputs.prom[0].x is not a setting',
      '[I] conf.d/g.conf:1:10: iis is not available on linux',
      '[E] conf.d/datakit.conf:1:10: ulimit must be an integer, not a text; its default is used',
      '',
      '------------------------',
      'checked 8 samples, 2 ignored, 2 passed, 3 failed, 1 unknown, total input instance 2',
    ])
    expect(ok).toBe(false)
  })

  it('a directory that is not there fails', () => {
    const missing = checkConfig('/no/such/dir', testRegistry, { env: {}, platform: 'linux', cores: 2 })
    expect(missing.ok).toBe(false)
    expect(missing.lines[0]).toMatch(/^\[E\] failed to parse \/no\/such\/dir: Cannot read the directory/)
  })
})
