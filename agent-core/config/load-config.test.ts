import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { enabledInputs } from './default-inputs.ts'
import { loadConfiguration, type Configuration, type ConfigurationOptions } from './load-config.ts'
import { listed, testRegistry, withWorkdir, type Workdir } from './test-workdir.ts'

const start = (dir: Workdir, options: Partial<ConfigurationOptions> = {}): Configuration =>
  loadConfiguration(dir.layout, testRegistry, {
    env: {},
    platform: 'linux',
    cores: 2,
    version: '1.2.3',
    ...options,
  })
const running = ({ inputs }: Configuration): string[] => inputs.instances.map((i) => `${i.name} ${i.file}`)
const codes = ({ diagnostics }: Configuration): string[] => diagnostics.map((d) => `${d.severity} ${d.code}`)
describe('first start', () => {
  it('makes the layout, datakit.conf, samples and default collectors', () => {
    withWorkdir({}, (dir) => {
      const first = start(dir)
      expect(first.firstRun).toBe(true)
      expect(listed(dir)).toEqual([
        'conf.d/cpu.conf',
        'conf.d/datakit.conf',
        'conf.d/datakit.conf.sample',
        'conf.d/samples/cpu.conf.sample',
        'conf.d/samples/prom.conf.sample',
      ])
      expect(readFileSync(join(dir.layout.samplesDir, 'cpu.conf.sample'), 'utf8')).toMatch(
        /^# datakit-desktop 1\.2\.3 sample [0-9a-f]{16}\n\[\[inputs\.cpu\]\]/,
      )
      const made = [
        'data/rum',
        'cache',
        'pipeline/pattern',
        'pipeline/logging',
        'pipeline_remote',
        'gitrepos',
        'python.d',
      ]
      expect(made.filter((name) => !existsSync(join(dir.layout.root, name)))).toEqual([])
      expect(running(first)).toEqual(['cpu conf.d/cpu.conf'])
      expect(codes(first)).toEqual(['notice CONFIG_LOCAL_ONLY', 'notice CONFIG_UNKNOWN_INPUT'])

      const second = start(dir)
      expect(second.firstRun).toBe(false)
      expect(second.config).toEqual(first.config)
      expect(running(second)).toEqual(running(first))
    })
  })

  it('leaves a file of the user alone, brings a deleted default back', () => {
    withWorkdir({ 'conf.d/cpu.conf': '# nothing' }, (dir) => {
      expect(running(start(dir))).toEqual([])
      expect(readFileSync(join(dir.layout.confDir, 'cpu.conf'), 'utf8')).toBe('# nothing')
      rmSync(join(dir.layout.confDir, 'cpu.conf'))
      expect(running(start(dir))).toEqual(['cpu conf.d/cpu.conf'])
    })
  })

  it('does not shadow a collector that another file configures, broken or not', () => {
    withWorkdir({ 'conf.d/host/cpu.conf': '[[inputs.cpu]]\n  percpu = true\n' }, (dir) => {
      expect(running(start(dir))).toEqual(['cpu conf.d/host/cpu.conf'])
      dir.write('conf.d/host/cpu.conf', '[[inputs.cpu]]\n  percpu = \n')
      expect(running(start(dir))).toEqual([])
      expect(existsSync(join(dir.layout.confDir, 'cpu.conf'))).toBe(false)
    })
  })

  it('-x blocks x even with a file', () => {
    withWorkdir(
      {
        'conf.d/datakit.conf': 'default_enabled_inputs = ["cpu", "-cpu"]',
        'conf.d/cpu.conf': '[inputs.cpu]',
      },
      (dir) => {
        const loaded = start(dir)
        expect(running(loaded)).toEqual([])
        expect(loaded.inputs.files.map((f) => `${f.file} ${f.state}`)).toEqual(['conf.d/cpu.conf disabled'])
      },
    )
  })

  it('names that nobody knows give one notice', () => {
    withWorkdir({ 'conf.d/datakit.conf': 'default_enabled_inputs = ["statsd", "container"]' }, (dir) => {
      const unknown = start(dir).diagnostics.filter((d) => d.code === 'CONFIG_UNKNOWN_INPUT')
      expect(unknown.map((d) => d.message)).toEqual([
        'default_enabled_inputs names collectors that this agent does not have: statsd, container',
      ])
    })
  })
})

describe('samples', () => {
  it('of older versions go, with the directories that this empties', () => {
    const files = {
      'conf.d/old/x.conf.sample': '',
      'conf.d/kept/x.conf.sample': '',
      'conf.d/kept/x.txt': '',
      'conf.d/empty/.keep': '',
    }
    withWorkdir(files, (dir) => {
      start(dir)
      expect(listed(dir)).toContain('conf.d/kept/x.txt')
      expect(existsSync(join(dir.layout.confDir, 'old'))).toBe(false)
      expect(existsSync(join(dir.layout.confDir, 'empty'))).toBe(true)
      expect(existsSync(join(dir.layout.confDir, 'kept/x.conf.sample'))).toBe(false)
    })
  })
})

describe('legacy datakit.conf', () => {
  it('moves to conf.d, unless one is there', () => {
    withWorkdir({ 'datakit.conf': 'name = "legacy"\n' }, (dir) => {
      expect(start(dir).config.name).toBe('legacy')
      expect(existsSync(join(dir.layout.root, 'datakit.conf'))).toBe(false)
      writeFileSync(join(dir.layout.root, 'datakit.conf'), 'name = "other"\n')
      const again = start(dir)
      expect(again.config.name).toBe('legacy')
      expect(codes(again)).toContain('warning CONFIG_DUPLICATE')
    })
  })
})

describe('a broken datakit.conf', () => {
  it('is not written over, and the collectors run', () => {
    withWorkdir({ 'conf.d/datakit.conf': 'name = \n' }, (dir) => {
      const loaded = start(dir)
      expect(loaded.file.state).toBe('failed')
      expect(readFileSync(dir.layout.mainFile, 'utf8')).toBe('name = \n')
      expect(running(loaded)).toEqual(['cpu conf.d/cpu.conf'])
    })
  })
})

describe('a disk that refuses', () => {
  it('is named, and the agent runs with defaults', () => {
    withWorkdir({}, (dir) => {
      // A file where conf.d belongs: nothing below it can be read or written.
      rmSync(dir.layout.confDir, { recursive: true })
      writeFileSync(dir.layout.confDir, '')
      const loaded = start(dir)
      expect(running(loaded)).toEqual(['cpu conf.d/cpu.conf'])
      expect(new Set(loaded.diagnostics.map((d) => d.code))).toEqual(
        new Set(['CONFIG_WRITE', 'CONFIG_LOCAL_ONLY', 'CONFIG_UNKNOWN_INPUT', 'CONFIG_READ']),
      )
    })
  })

  it('a file where a directory belongs is named', () => {
    withWorkdir({ cache: 'x' }, (dir) => {
      const found = start(dir).diagnostics.find((d) => d.code === 'CONFIG_WRITE')
      expect(found?.message).toBe('Cannot make cache: a file is in the way')
    })
  })
})

describe('environment', () => {
  const env = {
    ENV_DATAKIT_INPUTS: '[[inputs.prom]]\nurls = ["$U"]\n',
    U: 'http://x',
    ENV_DEFAULT_ENABLED_INPUTS: 'cpu',
  }

  it('ENV_DATAKIT_INPUTS counts on a host without a file', () => {
    withWorkdir({}, (dir) => {
      const loaded = start(dir, { env })
      expect(running(loaded)).toEqual(['prom conf.d/ENV_DATAKIT_INPUTS.conf', 'cpu conf.d/cpu.conf'])
      expect(loaded.inputs.instances[0]!.config).toMatchObject({ urls: ['http://x'] })
      expect(listed(dir)).not.toContain('conf.d/ENV_DATAKIT_INPUTS.conf')
    })
  })

  it('run -C saves it, and neither reads nor writes datakit.conf', () => {
    withWorkdir({}, (dir) => {
      const loaded = start(dir, { env, container: true })
      expect(running(loaded)).toEqual(['prom conf.d/ENV_DATAKIT_INPUTS.conf', 'cpu conf.d/cpu.conf'])
      expect(readFileSync(join(dir.layout.confDir, 'ENV_DATAKIT_INPUTS.conf'), 'utf8')).toBe(
        env.ENV_DATAKIT_INPUTS,
      )
      expect(existsSync(dir.layout.mainFile)).toBe(false)
      expect(loaded.firstRun).toBe(false)
    })
  })

  it('ENV_INPUT_* sets keys of every instance, over the file', () => {
    const files = {
      'conf.d/datakit.conf': 'default_enabled_inputs = []\ndataway.urls = ["https://h"]',
      'conf.d/p.conf':
        '[[inputs.prom]]\nurls=["a"]\nINTERVAL="5s"\n[[inputs.prom]]\nurls=["b"]\nauth.type = "t"\n',
    }
    withWorkdir(files, (dir) => {
      const loaded = start(dir, {
        env: {
          ENV_INPUT_PROM_INTERVAL: '1m',
          ENV_INPUT_PROM_AUTH_TOKEN: 'hunter2',
          ENV_INPUT_PROM_HTTP_HEADERS: 'a=b',
          ENV_INPUT_PROM_METRIC_NAME_FILTER: 'x,y',
          ENV_INPUT_PROM_MEASUREMENTS: '[{"prefix":"p"}]',
          ENV_INPUT_PROM_STREAM_SIZE: '0',
        },
      })
      expect(loaded.diagnostics).toEqual([])
      expect(loaded.inputs.instances.map((i) => i.config)).toMatchObject([
        {
          urls: ['a'],
          interval: 60_000,
          auth: { token: 'hunter2' },
          http_headers: { a: 'b' },
          metric_name_filter: [/x/, /y/],
        },
        {
          urls: ['b'],
          interval: 60_000,
          auth: { type: 't', token: 'hunter2' },
          measurements: [{ prefix: 'p' }],
          stream_size: 0,
        },
      ])
    })
  })

  it('a wrong ENV_INPUT_* is ignored and named', () => {
    withWorkdir(
      { 'conf.d/datakit.conf': 'dataway.urls = ["https://h"]\ndefault_enabled_inputs = ["cpu"]' },
      (dir) => {
        const loaded = start(dir, {
          env: {
            ENV_INPUT_CPU_INTERVAL: 'hunter2',
            ENV_INPUT_CPU_INTERVALL: 'hunter2',
            ENV_INPUT_NOBODY_X: 'hunter2',
            ENV_INPUT_CPU_TAGS: 'hunter2',
          },
        })
        expect(loaded.diagnostics.map((d) => d.message)).toEqual([
          'ENV_INPUT_CPU_INTERVAL is ignored: it must be a duration such as "10s"',
          'ENV_INPUT_CPU_INTERVALL is ignored: the collector cpu has no such setting; did you mean ENV_INPUT_CPU_INTERVAL?',
          'ENV_INPUT_CPU_TAGS is ignored: it must be k=v,k=v or a JSON object',
        ])
        expect(loaded.inputs.instances[0]!.config).toMatchObject({ interval: 10_000 })
      },
    )
  })
})

describe('enabledInputs', () => {
  it('takes names once; - wins', () => {
    expect(enabledInputs(['cpu', ' mem ', 'cpu', '-disk', 'disk', ''])).toEqual({
      enabled: ['cpu', 'mem'],
      disabled: new Set(['disk']),
    })
  })
})
