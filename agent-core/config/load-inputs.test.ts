import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../kernel/diagnostic.ts'
import { loadInputs, type LoadedInputs, type LoadInputsOptions } from './load-inputs.ts'
import { testRegistry, withWorkdir, type Workdir } from './test-workdir.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

function load(
  files: Files,
  options: Partial<LoadInputsOptions> = {},
  prepare: (dir: Workdir) => void = () => {},
): LoadedInputs {
  return withWorkdir(files, (dir) => {
    prepare(dir)
    return loadInputs(dir.layout, testRegistry, { env: {}, platform: 'linux', ...options })
  })
}

/** `code line:column path` */
const brief = (d: Diagnostic): string =>
  [d.code, d.labels[0] && `${d.labels[0].line}:${d.labels[0].column}`, d.path]
    .filter((x) => x !== undefined)
    .join(' ')
const briefs = (loaded: LoadedInputs): string[] => loaded.diagnostics.map(brief)
const states = (loaded: LoadedInputs): string[] => loaded.files.map((f) => `${f.file} ${f.state}`)
const running = (loaded: LoadedInputs): string[] =>
  loaded.instances.map((i) => `${i.name}#${i.index} ${i.file} ${i.path}`)

const GOOD = '[[inputs.prom]]\n  urls = ["http://127.0.0.1:1"]\n'

const prom = (n: number): string => `[[inputs.prom]]\nurls = ["${n}"]\n`

describe('walk', () => {
  it('loads .conf files in lexical order, whatever their directory, and nothing else', () => {
    const loaded = load({
      'conf.d/b.conf': prom(1),
      'conf.d/a/z.conf': prom(2),
      'conf.d/a/deep/er/y.conf': prom(3),
      'conf.d/a.conf': prom(4),
      'conf.d/gitlab.git.conf': prom(5),
      'conf.d/.git/x.conf': prom(6),
      'conf.d/datakit.conf': prom(7),
      'conf.d/c.conf.sample': prom(8),
      'conf.d/c.conf~': prom(9),
      'conf.d/sub/datakit.conf': prom(10),
    })
    expect(running(loaded)).toEqual([
      'prom#0 conf.d/a/deep/er/y.conf inputs.prom[0]',
      'prom#1 conf.d/a/z.conf inputs.prom[0]',
      'prom#2 conf.d/a.conf inputs.prom[0]',
      'prom#3 conf.d/b.conf inputs.prom[0]',
      'prom#4 conf.d/gitlab.git.conf inputs.prom[0]',
      'prom#5 conf.d/sub/datakit.conf inputs.prom[0]',
    ])
    expect(loaded.diagnostics).toEqual([])
  })

  it('names what it cannot read and goes on', () => {
    const loaded = load({ 'conf.d/good.conf': GOOD }, {}, ({ layout }) => {
      symlinkSync('nowhere', join(layout.confDir, 'dangling.conf'))
      symlinkSync('loop.conf', join(layout.confDir, 'loop.conf'))
      mkdirSync(join(layout.root, 'elsewhere'))
      symlinkSync(join(layout.root, 'elsewhere'), join(layout.confDir, 'linked.conf'))
    })
    expect(running(loaded)).toEqual(['prom#0 conf.d/good.conf inputs.prom[0]'])
    expect(loaded.files.map((f) => `${f.state}: ${f.reason}`)).toEqual([
      'failed: conf.d/dangling.conf cannot be read: it does not exist (a dangling link?)',
      'loaded: ',
      'failed: conf.d/linked.conf cannot be read: it is not a regular file',
      'failed: conf.d/loop.conf cannot be read: its links form a circle',
    ])
  })

  it('reports a conf.d that is a file', () => {
    const loaded = withWorkdir({ 'conf.d2': 'x' }, ({ layout }) =>
      loadInputs(layout, testRegistry, { env: {}, platform: 'linux', dir: join(layout.root, 'conf.d2') }),
    )
    expect(loaded.diagnostics.map((d) => d.message)).toEqual([
      'Cannot read the directory conf.d2: a part of its path is not a directory',
    ])
  })

  it('loads the same bytes once', () => {
    const loaded = load({ 'conf.d/1.conf': GOOD, 'conf.d/2.conf': GOOD, 'conf.d/3.conf': `${GOOD} ` })
    expect(states(loaded)).toEqual([
      'conf.d/1.conf loaded',
      'conf.d/2.conf duplicate',
      'conf.d/3.conf loaded',
    ])
    expect(loaded.files[1]!.reason).toBe(
      'conf.d/2.conf has the same content as conf.d/1.conf and is not loaded again',
    )
  })
})

describe('bad files never stop the others', () => {
  const cases: readonly [
    name: string,
    content: string | Uint8Array,
    state: string,
    diagnostics: readonly string[],
  ][] = [
    ['syntax error', '[[inputs.cpu]]\n  interval = 10s\n', 'failed', ['CONFIG_SYNTAX 2:16']],
    ['unclosed string', '[[inputs.cpu]]\r\n  tags = "x\r\n', 'failed', ['CONFIG_SYNTAX 2:12']],
    ['binary garbage', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0x80]), 'failed', ['CONFIG_READ']],
    ['NUL bytes', '\0\0\0', 'failed', ['CONFIG_SYNTAX 1:1']],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x5b, 0]), 'failed', ['CONFIG_READ']],
    [
      'integer beyond int64',
      '[inputs.cpu]\ninterval = 9223372036854775808',
      'failed',
      ['CONFIG_SYNTAX 2:12'],
    ],
    ['empty', '', 'empty', []],
    ['only a BOM', '\uFEFF', 'empty', []],
    ['other top keys', 'x = 1\n[inputs]\n', 'empty', ['CONFIG_UNKNOWN_KEY 1:1 x']],
    ['inputs is no table', 'inputs = 1', 'type_error', ['CONFIG_TYPE 1:10 inputs']],
    ['collector is no table', 'inputs.cpu = [1]', 'type_error', ['CONFIG_TYPE 1:15 inputs.cpu[0]']],
    ['unknown collector', '[[inputs.cpuu]]', 'unknown_input', ['CONFIG_UNKNOWN_INPUT 1:10 inputs.cpuu']],
    [
      'wrong type',
      '[[inputs.cpu]]\n percpu = "yes"',
      'type_error',
      ['CONFIG_TYPE 2:11 inputs.cpu[0].percpu'],
    ],
    [
      'wrong type in a table',
      '[inputs.cpu.tags]\nk = 1',
      'type_error',
      ['CONFIG_TYPE 2:5 inputs.cpu.tags.k'],
    ],
    [
      'float into int',
      '[inputs.prom]\nurls=[]\nstream_size = 2.0',
      'type_error',
      ['CONFIG_TYPE 3:15 inputs.prom.stream_size'],
    ],
    [
      'float into duration',
      '[inputs.cpu]\ninterval = 1.5',
      'type_error',
      ['CONFIG_TYPE 2:12 inputs.cpu.interval'],
    ],
    [
      'duration without unit',
      '[inputs.cpu]\ninterval = "5"',
      'type_error',
      ['CONFIG_VALUE 2:12 inputs.cpu.interval'],
    ],
    [
      'not in the list',
      '[inputs.prom]\nurls=[]\nmode = "slow"',
      'type_error',
      ['CONFIG_VALUE 3:8 inputs.prom.mode'],
    ],
    [
      'below the least',
      '[inputs.prom]\nurls=[]\nstream_size=-1',
      'type_error',
      ['CONFIG_VALUE 3:13 inputs.prom.stream_size'],
    ],
    [
      'bad regexp',
      '[inputs.prom]\nurls=[]\nmetric_name_filter=["ok","(?=x)"]',
      'type_error',
      ['CONFIG_VALUE 3:26 inputs.prom.metric_name_filter[1]'],
    ],
    ['required key missing', '[[inputs.prom]]', 'type_error', ['CONFIG_VALUE 1:10 inputs.prom[0].urls']],
    [
      'unknown key',
      '[[inputs.cpu]]\n  intervall = "1s"',
      'loaded',
      ['CONFIG_UNKNOWN_KEY 2:3 inputs.cpu[0].intervall'],
    ],
    ['not on this system', '[[inputs.iis]]', 'unsupported', ['CONFIG_PLATFORM 1:10 inputs.iis[0]']],
    [
      'KV template in a text',
      '[inputs.cpu.tags]\nk = "{{.v}}"',
      'unsupported',
      ['CONFIG_UNSUPPORTED 1:9 inputs.cpu'],
    ],
    ['bare KV template', '[inputs.cpu]\ninterval = {{.v | default 1}}', 'failed', ['CONFIG_SYNTAX 2:13']],
    ['template in a comment', '[inputs.cpu] # {{.x}}\n# {{.v}}', 'loaded', []],
    [
      '__proto__',
      '[inputs.__proto__]\nx=1\n[inputs.cpu.tags]\n__proto__="v"',
      'unknown_input',
      ['CONFIG_UNKNOWN_INPUT 1:9 inputs.__proto__'],
    ],
  ]
  it.each(cases)('%s', (_name, content, state, diagnostics) => {
    const loaded = load({ 'conf.d/a.conf': content, 'conf.d/b.conf': GOOD })
    expect(states(loaded)).toEqual([`conf.d/a.conf ${state}`, 'conf.d/b.conf loaded'])
    expect(briefs(loaded)).toEqual(diagnostics)
    expect(running(loaded)).toContain('prom#0 conf.d/b.conf inputs.prom[0]')
    expect(loaded.files[0]!.reason === '').toBe(state === 'loaded')
  })

  it('suggests the right name and the edit that writes it', () => {
    const text = '[[inputs.cpu]]\n  intervall = "1s"'
    const [found] = load({ 'conf.d/a.conf': text }).diagnostics
    expect(found!.message).toBe('inputs.cpu[0].intervall is not a setting; did you mean interval?')
    const edit = found!.fixes[0]!.edits[0]!
    expect(text.slice(0, edit.from) + edit.insert + text.slice(edit.to)).toBe(
      '[[inputs.cpu]]\n  interval = "1s"',
    )
  })

  it('says when an integer is too large for a setting', () => {
    const loaded = load({ 'conf.d/a.conf': '[inputs.prom]\nurls=[]\nstream_size=9007199254740993' })
    expect(loaded.files[0]!.reason).toBe(
      'inputs.prom.stream_size must be an integer, not an integer beyond 2^53',
    )
  })

  it('never quotes a value', () => {
    const loaded = load({
      'conf.d/a.conf':
        '[[inputs.prom]]\nurls = []\n[inputs.prom.auth]\ntype = "hunter2"\ntoken = ["hunter2"]\n',
      'conf.d/b.conf': '[[inputs.prom]]\nurls = [hunter2]\n',
      'conf.d/c.conf':
        '[[inputs.prom]]\nurls = []\nmode = "hunter2"\ninterval = "hunter2"\nmetric_name_filter = ["(hunter2"]',
    })
    expect(loaded.diagnostics.length).toBeGreaterThan(4)
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('hunter2')
  })
})

describe('tables', () => {
  it('takes several collectors a file, several tables a collector, [x] and [[x]]', () => {
    const loaded = load({
      'conf.d/all.conf':
        '[inputs.cpu]\n[[inputs.prom]]\nurls=["a"]\n[[inputs.prom]]\nurls=[1]\n[[inputs.prom]]\nurls=["c"]\n',
    })
    expect(running(loaded)).toEqual([
      'cpu#0 conf.d/all.conf inputs.cpu',
      'prom#0 conf.d/all.conf inputs.prom[0]',
      'prom#1 conf.d/all.conf inputs.prom[2]',
    ])
    expect(loaded.files[0]!.inputs.map((i) => `${i.path} ${i.state}`)).toEqual([
      'inputs.cpu loaded',
      'inputs.prom[0] loaded',
      'inputs.prom[1] type_error',
      'inputs.prom[2] loaded',
    ])
    expect(loaded.files[0]!.state).toBe('type_error')
  })

  it('runs the first instance of a singleton that is right', () => {
    const loaded = load({
      'conf.d/1.conf': '[inputs.cpu]\npercpu = 1',
      'conf.d/2.conf': '[inputs.cpu]\npercpu = true',
      'conf.d/3.conf': '[inputs.cpu]\npercpu = false',
    })
    expect(states(loaded)).toEqual([
      'conf.d/1.conf type_error',
      'conf.d/2.conf loaded',
      'conf.d/3.conf singleton',
    ])
    expect(loaded.files[2]!.reason).toBe('Only one cpu can run; the one in conf.d/2.conf does')
  })

  it('switches off what is disabled', () => {
    const loaded = load({ 'conf.d/cpu.conf': '[inputs.cpu]' }, { disabled: new Set(['cpu']) })
    expect(states(loaded)).toEqual(['conf.d/cpu.conf disabled'])
    expect(loaded.instances).toEqual([])
  })

  it('gives values as the schema makes them; large integers stay exact', () => {
    const loaded = load({
      'conf.d/a.conf':
        '[[inputs.prom]]\nURLS = ["u"]\nInterval = 1500000000\nratio = 2\nmetric_name_filter=["(?i)^a"]\nauth.token = "t"\nmeasurements=[{prefix="p"}]',
    })
    expect(loaded.diagnostics).toEqual([])
    expect(loaded.instances[0]!.config).toEqual({
      urls: ['u'],
      interval: 1500,
      stream_size: 1,
      ratio: 2,
      metric_name_filter: [/^a/iu],
      mode: 'fast',
      auth: { token: 't' },
      measurements: [{ prefix: 'p', name: '' }],
      http_headers: {},
    })
  })
})

describe('text before parsing', () => {
  it('takes the BOM off, expands variables that exist, and keeps places in the file on disk', () => {
    const text =
      '\uFEFF[inputs.cpu] # $NAME\n[inputs.cpu.tags]\na = "${NAME}" # $MISSING\nb = "$NAME-$MISSING"\nc = 1\n'
    const broken = load({ 'conf.d/a.conf': text }, { env: { NAME: 'q"u\\o\nte' } })
    expect(briefs(broken)).toEqual(['CONFIG_TYPE 5:5 inputs.cpu.tags.c'])
    const label = broken.diagnostics[0]!.labels[0]!
    expect(text.slice(label.from, label.to)).toBe('1')
    const loaded = load({ 'conf.d/a.conf': text.replace('c = 1', '') }, { env: { NAME: 'q"u\\o\nte' } })
    expect(loaded.instances[0]!.config).toMatchObject({ tags: { a: 'q"u\\o\nte', b: 'q"u\\o\nte-$MISSING' } })
  })
})
