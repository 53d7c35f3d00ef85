import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../kernel/diagnostic.ts'
import { loadMainConfig, type MainConfig, type MainConfigOptions } from './main-config.ts'
import type { Platform } from './registry.ts'
import { SETTINGS, UNSUPPORTED } from './settings.ts'
import { settingRows } from './settings-tree.ts'
import { withWorkdir, type Workdir } from './test-workdir.ts'
import { applyEdits } from './text-lines.ts'
import { valueAtPath } from './toml-values.ts'

function load(
  text: string | Uint8Array | undefined,
  options: Partial<MainConfigOptions> = {},
  prepare: (dir: Workdir) => void = () => {},
): MainConfig {
  return withWorkdir(text === undefined ? {} : { 'conf.d/datakit.conf': text }, (dir) => {
    prepare(dir)
    return loadMainConfig(dir.layout, { env: {}, platform: 'linux', cores: 4, ...options })
  })
}

const URLS = 'dataway.urls = ["https://host?token=tkn_0123456789abcdef"]\n'
const fromEnv = (env: Record<string, string>): MainConfig => load(URLS, { env })
const on = (platform: Platform) => load(undefined, { platform }).config
const size = (text: string) => load(`${URLS}${text}`).config.dataway.max_raw_body_size
const brief = (d: Diagnostic): string =>
  [d.code, d.labels[0] && `${d.labels[0].line}:${d.labels[0].column}`, d.path]
    .filter((x) => x !== undefined)
    .join(' ')
const briefs = (loaded: MainConfig): string[] => loaded.diagnostics.map(brief)

describe('defaults', () => {
  it('stand without a file, with one notice', () => {
    const { config, file, diagnostics } = load(undefined)
    expect(file.state).toBe('missing')
    expect(diagnostics.map((d) => `${d.severity} ${d.code}`)).toEqual(['notice CONFIG_LOCAL_ONLY'])
    expect(config.default_enabled_inputs).toHaveLength(10)
    expect(config.http_api).toMatchObject({
      listen: 'localhost:9529',
      timeout: 30_000,
      request_rate_limit: 100,
    })
    expect(config.dataway).toMatchObject({
      urls: [],
      timeout_v2: 30_000,
      max_retry_count: 1,
      retry_delay: 1000,
      max_raw_body_size: 1_048_576,
      content_encoding: 'v2',
      gzip: true,
      drop_expired_package_at: 43_200_000,
      ntp: { enable: true, interval: 300_000, diff: 30_000 },
    })
    expect(config.resource_limit).toEqual({
      enable: true,
      cpu_cores: 2,
      mem_max_mb: 4096,
      path: '/datakit',
      disable_oom: false,
    })
    expect(config.logging.log).toMatch(/log[\\/]log$/)
    expect(config.dataway.wal.path).toMatch(/cache\/dw-wal$/)
  })

  it('depend on the system', () => {
    expect([on('linux').ulimit, on('darwin').ulimit, on('win32').ulimit]).toEqual([64_000, 10_240, 0])
    expect(on('win32').datakit_user).toBe('administrator')
  })
})

describe('file', () => {
  it('gives values of every type; keys match whatever their case', () => {
    const { config, diagnostics, sources } = load(`
PROTECT_MODE = false
default_enabled_inputs = ["cpu", "-mem"]
[HTTP_API]
listen = "0.0.0.0:9529"
Timeout = 5000000000
request_rate_limit = 20
[dataway]
urls = ["https://host?token=tkn_0123456789abcdef"]
[global_host_tags]
env = "test"
[io.filters]
logging = ["{ source = 'x' }"]
`)
    expect(diagnostics).toEqual([])
    expect(config).toMatchObject({
      protect_mode: false,
      default_enabled_inputs: ['cpu', '-mem'],
      http_api: { listen: '0.0.0.0:9529', timeout: 5000, request_rate_limit: 20 },
      global_host_tags: { env: 'test' },
      io: { filters: { logging: ["{ source = 'x' }"] } },
    })
    expect(sources.get('http_api.timeout')).toBe('file')
    expect(sources.has('http_api.listen_socket')).toBe(false)
  })

  it('an exact key wins over one of another case', () => {
    expect(load(`${URLS}NAME = "a"\nname = "b"`).config.name).toBe('b')
    expect(load(`${URLS}name = "b"\nNAME = "a"`).config.name).toBe('b')
  })

  const cases: readonly [name: string, text: string | Uint8Array, diagnostics: readonly string[]][] = [
    ['float into an integer', 'ulimit = 1.0', ['CONFIG_TYPE 2:10 ulimit']],
    ['text into a flag', 'protect_mode = "no"', ['CONFIG_TYPE 2:16 protect_mode']],
    ['text into a list', 'default_enabled_inputs = "cpu"', ['CONFIG_TYPE 2:26 default_enabled_inputs']],
    [
      'integer in a list of texts',
      'http_api.public_apis = ["/a", 1]',
      ['CONFIG_TYPE 2:31 http_api.public_apis[1]'],
    ],
    ['duration without unit', '[http_api]\ntimeout = "5"', ['CONFIG_VALUE 3:11 http_api.timeout']],
    ['not in the list', '[logging]\nlevel = "loud"', ['CONFIG_VALUE 3:9 logging.level']],
    ['table expected', 'http_api = 1', ['CONFIG_TYPE 2:12 http_api']],
    ['unknown key', '[http_api]\nlistn = "x"', ['CONFIG_UNKNOWN_KEY 3:1 http_api.listn']],
    ['unknown section', '[sinkers]\nx = 1', ['CONFIG_UNKNOWN_KEY 2:2 sinkers']],
    ['above the most', '[dataway]\nmax_retry_count = 11', ['CONFIG_CLAMPED 3:19 dataway.max_retry_count']],
    ['below the floor', '[dataway.ntp]\ninterval = "1s"', ['CONFIG_CLAMPED 3:12 dataway.ntp.interval']],
  ]
  it.each(cases)('%s: that key falls back, the rest stands', (_name, text, diagnostics) => {
    const loaded = load(`name = "kept"\n${text}`, { env: { ENV_DATAWAY: 'https://h?token=tkn_x' } })
    expect(briefs(loaded)).toEqual(diagnostics)
    expect(loaded.config.name).toBe('kept')
    expect(loaded.config.ulimit).toBe(64_000)
    expect(loaded.config.logging.level).toBe('info')
    expect(loaded.config.dataway.max_retry_count).toBeLessThanOrEqual(10)
    expect(loaded.config.dataway.ntp.interval).toBeGreaterThanOrEqual(60_000)
  })

  it('protect mode keeps the package size; 0 is the default', () => {
    expect(size('dataway.max_raw_body_size = 10')).toBe(102_400)
    expect(size('dataway.max_raw_body_size = 10\nprotect_mode = false')).toBe(10)
    expect(size('dataway.max_raw_body_size = 0')).toBe(1_048_576)
  })

  const unreadable: readonly [
    name: string,
    text: string | Uint8Array | undefined,
    prepare: (dir: Workdir) => void,
    code: string,
  ][] = [
    ['syntax error', 'name = x\n', () => {}, 'CONFIG_SYNTAX 1:8'],
    ['binary garbage', new Uint8Array([0, 1, 2, 0xff, 0xfe]), () => {}, 'CONFIG_READ'],
    ['a directory', undefined, ({ layout }) => mkdirSync(layout.mainFile), 'CONFIG_READ'],
  ]
  it.each(unreadable)('%s: the agent starts with defaults and ENV_*', (_name, text, prepare, code) => {
    const loaded = load(text, { env: { ENV_NAME: 'n' } }, prepare)
    expect(loaded.file.state).toBe('failed')
    expect(briefs(loaded)).toEqual([code, 'CONFIG_LOCAL_ONLY dataway.urls'])
    expect(loaded.config.name).toBe('n')
  })

  it('a dangling link counts as missing', () => {
    const loaded = load('', {}, ({ layout }) => {
      rmSync(layout.mainFile)
      symlinkSync(join(layout.root, 'nowhere'), layout.mainFile)
    })
    expect(loaded.file.state).toBe('missing')
  })

  it('names sections that are not supported yet once, and nothing else', () => {
    const text = Object.keys(UNSUPPORTED)
      .map((key) => `${key} = { enable = true, token = "tkn_hunter2" }\n`)
      .join('')
    const loaded = load(URLS + text)
    expect(loaded.diagnostics.map((d) => `${d.severity} ${d.code}`)).toEqual(
      Object.keys(UNSUPPORTED).map(() => 'notice CONFIG_UNSUPPORTED'),
    )
    expect(loaded.diagnostics[0]!.message).toBe(
      'git_repos (configuration from git): known, not supported yet',
    )
  })
})

describe('old keys', () => {
  const cases: readonly [before: string, key: string, value: unknown, after: string | undefined][] = [
    ['http_listen = "0.0.0.0:1"\n', 'http_api.listen', '0.0.0.0:1', '\n[http_api]\nlisten = "0.0.0.0:1"\n'],
    [
      'log = "/l"\n[logging]\nlevel = "debug"\n',
      'logging.log',
      '/l',
      '[logging]\nlevel = "debug"\nlog = "/l"\n',
    ],
    ['log_level = "debug"\n', 'logging.level', 'debug', '\n[logging]\nlevel = "debug"\n'],
    ['log_rotate = 8\n', 'logging.rotate', 8, '\n[logging]\nrotate = 8\n'],
    ['gin_log = "/g"\n', 'logging.gin_log', '/g', '\n[logging]\ngin_log = "/g"\n'],
    ['disable_404page = true\n', 'http_api.disable_404page', true, '\n[http_api]\ndisable_404page = true\n'],
    ['io_cache_count = 2000\n', 'io.max_cache_count', 2000, '\n[io]\nmax_cache_count = 2000\n'],
    ['interval = "5s"\n', 'io.flush_interval', 5000, '\n[io]\nflush_interval = "5s"\n'],
    ['namespace = "n"\n', 'election.namespace', 'n', '\n[election]\nnamespace = "n"\n'],
    ['election_namespace = "n"\n', 'election.namespace', 'n', '\n[election]\nnamespace = "n"\n'],
    ['enable_election = true\n', 'election.enable', true, '\n[election]\nenable = true\n'],
    [
      'enable_election_tag = true\n',
      'election.enable_namespace_tag',
      true,
      '\n[election]\nenable_namespace_tag = true\n',
    ],
    ['[global_tags]\nk = "v"\n', 'global_host_tags', { k: 'v' }, '[global_host_tags]\nk = "v"\n'],
    ['[global_env_tags]\nk = "v"\n', 'election.tags', { k: 'v' }, '\n[election]\ntags = { k = "v" }\n'],
    ['[dataway]\ntimeout = "9s" # c\n', 'dataway.timeout_v2', 9000, '[dataway]\ntimeout_v2 = "9s" # c\n'],
    [
      '[resource_limit]\ncpu_max = 50.0\n',
      'resource_limit.cpu_cores',
      2,
      '[resource_limit]\ncpu_cores = 2\n',
    ],
    ['[cgroup]\ncpu_max = 25\n', 'resource_limit.cpu_cores', 1, undefined],
    ['[cgroup]\nmem_max_mb = 100\n', 'resource_limit.mem_max_mb', 100, undefined],
    [
      '[recorder]\ncategory = ["logging"]\n',
      'recorder.categories',
      ['logging'],
      '[recorder]\ncategories = ["logging"]\n',
    ],
  ]
  it.each(cases)('%j counts, with a fix', (before, key, value, after) => {
    const loaded = load(before, { env: { ENV_DATAWAY: 'https://h' } })
    expect(loaded.diagnostics.map((d) => `${d.severity} ${d.code}`)).toEqual(['warning CONFIG_DEPRECATED'])
    expect(valueAtPath(loaded.config, key.split('.'))).toEqual(value)
    const fixed = loaded.diagnostics[0]!.fixes.map((fix) => applyEdits(before, fix.edits))
    expect(fixed).toEqual([after ?? fixed[0]])
    const again = load(fixed[0], { env: { ENV_DATAWAY: 'https://h' } })
    expect(valueAtPath(again.config, key.split('.'))).toEqual(value)
    expect(again.diagnostics).toEqual([])
  })

  it('dataway.url becomes a list without copying its token', () => {
    const before = '[dataway]\n  url = "https://h?token=tkn_hunter2hunter2" # mine\n'
    const loaded = load(before)
    expect(loaded.config.dataway.urls).toEqual(['https://h?token=tkn_hunter2hunter2'])
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('hunter2')
    expect(applyEdits(before, loaded.diagnostics[0]!.fixes[0]!.edits)).toBe(
      '[dataway]\n  urls = ["https://h?token=tkn_hunter2hunter2"] # mine\n',
    )
  })

  it('the new key wins when both are there', () => {
    const text = `${URLS}http_listen = "old:1"\nhttp_api.listen = "new:1"\n`
    const loaded = load(text)
    expect(loaded.config.http_api.listen).toBe('new:1')
    expect(loaded.diagnostics[0]!.message).toBe('http_listen is old and ignored: http_api.listen is set too')
    expect(applyEdits(text, loaded.diagnostics[0]!.fixes[0]!.edits)).toBe(
      `${URLS}http_api.listen = "new:1"\n`,
    )
  })

  it('a wrong value in an old key is shown where it stands', () => {
    expect(briefs(load(`${URLS}http_listen = 1\n`))).toEqual([
      'CONFIG_DEPRECATED 2:1 http_listen',
      'CONFIG_TYPE 2:15 http_api.listen',
    ])
  })

  it('dead keys are named', () => {
    const text = `${URLS}uuid = "x"\nio.global_blocking = true\n[cgroup]\ncpu_min = 5\n`
    const loaded = load(text)
    expect(loaded.diagnostics.map((d) => d.message)).toEqual([
      'uuid has no effect any more',
      'io.global_blocking has no effect any more',
      'cgroup.cpu_min has no effect any more',
    ])
    for (const { fixes } of loaded.diagnostics)
      expect(applyEdits(text, fixes[0]!.edits).length).toBeLessThan(text.length)
  })
})

describe('ENV', () => {
  it('wins over the file on every host', () => {
    const loaded = load(`${URLS}name = "file"`, {
      env: { ENV_NAME: 'env', ENV_DATAWAY: 'https://a?token=t1 , https://b?token=t2' },
    })
    expect(loaded.config.name).toBe('env')
    expect(loaded.config.dataway.urls).toEqual(['https://a?token=t1', 'https://b?token=t2'])
    expect(loaded.sources.get('name')).toBe('env')
    expect(loaded.diagnostics).toEqual([])
  })

  it('is all that counts in a container', () => {
    const loaded = load('name = "file"\nbroken', { env: { ENV_ULIMIT: '5' }, container: true })
    expect(loaded.file).toMatchObject({ state: 'not_read', text: undefined })
    expect([loaded.config.name, loaded.config.ulimit]).toEqual(['', 5])
  })

  const good: readonly [
    env: Record<string, string>,
    read: (config: MainConfig['config']) => unknown,
    value: unknown,
  ][] = [
    [
      { ENV_DEFAULT_ENABLED_INPUTS: 'cpu mem,-disk' },
      (c) => c.default_enabled_inputs,
      ['cpu', 'mem', '-disk'],
    ],
    [{ ENV_DISABLE_PROTECT_MODE: 'on' }, (c) => c.protect_mode, false],
    [{ ENV_DATAWAY_DISABLE_NTP: 'true' }, (c) => c.dataway.ntp.enable, false],
    [{ ENV_DATAWAY_DISABLE_GZIP: '1' }, (c) => c.dataway.gzip, false],
    [{ ENV_DATAWAY_TLS_INSECURE: 'yes' }, (c) => c.dataway.tls_insecure, true],
    [{ ENV_HTTP_TIMEOUT: '1m' }, (c) => c.http_api.timeout, 60_000],
    [{ ENV_REQUEST_RATE_LIMIT: '1.5' }, (c) => c.http_api.request_rate_limit, 1.5],
    [{ ENV_IO_MAX_CACHE_COUNT: '2000' }, (c) => c.io.max_cache_count, 2000],
    [{ ENV_IO_AUTO_TIMESTAMP_CORRECTION: 'F' }, (c) => c.io.auto_timestamp_correction, false],
    [{ ENV_IO_FILTERS: '{"logging":["{ a = 1 }"]}' }, (c) => c.io.filters, { logging: ['{ a = 1 }'] }],
    [
      { ENV_PIPELINE_DEFAULT_PIPELINE: '{"logging":"x.p"}' },
      (c) => c.pipeline.default_pipeline,
      { logging: 'x.p' },
    ],
    [{ ENV_GLOBAL_HOST_TAGS: 'a=1, b = x=y' }, (c) => c.global_host_tags, { a: '1', b: 'x=y' }],
    [
      { ENV_ENABLE_ELECTION: '1', ENV_NAMESPACE: 'n' },
      (c) => [c.election.enable, c.election.namespace],
      [true, 'n'],
    ],
    [
      { ENV_ENABLE_ELECTION: '1', ENV_ELECTION_NODE_WHITELIST: '["a","b"]' },
      (c) => c.election.node_whitelist,
      ['a', 'b'],
    ],
    [
      { ENV_HTTP_ENABLE_TLS: '1', ENV_HTTP_TLS_CRT: '/c', ENV_HTTP_TLS_KEY: '/k' },
      (c) => c.http_api.tls,
      { cert: '/c', privkey: '/k' },
    ],
    [{ ENV_HOSTNAME: 'h' }, (c) => c.environments.ENV_HOSTNAME, 'h'],
    [{ ENV_DATAKIT_OPERATOR: 'https://o' }, (c) => c.operator, 'https://o'],
    [{ ENV_NAME: '' }, (c) => c.name, ''],
    [
      { ENV_DATAWAY_WAL_CAPACITY: '0.5', ENV_DATAWAY_WAL_NO_DROP_CATEGORIES: 'L,T' },
      (c) => [c.dataway.wal.max_capacity_gb, c.dataway.wal.no_drop_categories],
      [0.5, ['L', 'T']],
    ],
  ]
  it.each(good)('%j', (env, read, value) => {
    const loaded = fromEnv(env)
    expect(loaded.diagnostics).toEqual([])
    expect(read(loaded.config)).toEqual(value)
  })

  const bad: readonly [env: Record<string, string>, message: string][] = [
    [{ ENV_ULIMIT: 'hunter2' }, 'ENV_ULIMIT is ignored: it must be an integer'],
    [{ ENV_ULIMIT: '1.0' }, 'ENV_ULIMIT is ignored: it must be an integer'],
    [{ ENV_HTTP_TIMEOUT: '5' }, 'ENV_HTTP_TIMEOUT is ignored: it must be a duration such as "10s"'],
    [
      { ENV_IO_AUTO_TIMESTAMP_CORRECTION: 'hunter2' },
      'ENV_IO_AUTO_TIMESTAMP_CORRECTION is ignored: it must be true or false',
    ],
    [{ ENV_IO_MAX_CACHE_COUNT: '999' }, 'ENV_IO_MAX_CACHE_COUNT is ignored: it must be at least 1000'],
    [
      { ENV_IO_FILTERS: '{"logging": "hunter2"}' },
      'ENV_IO_FILTERS is ignored: it must be k=v,k=v or a JSON object',
    ],
    [{ ENV_IO_FILTERS: '{broken' }, 'ENV_IO_FILTERS is ignored: it must be k=v,k=v or a JSON object'],
    [
      { ENV_GLOBAL_HOST_TAGS: 'hunter2' },
      'ENV_GLOBAL_HOST_TAGS is ignored: it must be k=v,k=v or a JSON object',
    ],
    [
      { ENV_LOG_LEVEL: 'hunter2' },
      'ENV_LOG_LEVEL is ignored: it must be one of "info", "debug", "warn", "error"',
    ],
    [{ ENV_NAMESPACE: 'n' }, 'ENV_NAMESPACE is ignored: ENV_ENABLE_ELECTION is not set'],
    [{ ENV_DISABLE_PROTECT_MODE: 'false' }, 'ENV_DISABLE_PROTECT_MODE counts as set, whatever its value'],
    [{ ENV_GLOBAL_TAGS: 'a=b' }, 'ENV_GLOBAL_TAGS is an old name of ENV_GLOBAL_HOST_TAGS'],
    [{ ENV_GIT_URL: 'https://u:hunter2@h' }, 'ENV_GIT_URL: known, not supported yet'],
  ]
  it.each(bad)('%j is named, never quoted, never fatal', (env, message) => {
    const loaded = fromEnv(env)
    expect(loaded.diagnostics.map((d) => d.message)).toEqual([message])
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('hunter2')
  })

  it('a new name wins over an old one', () => {
    const loaded = fromEnv({ ENV_GLOBAL_HOST_TAGS: 'a=new', ENV_GLOBAL_TAGS: 'a=old' })
    expect(loaded.config.global_host_tags).toEqual({ a: 'new' })
    expect(loaded.diagnostics).toEqual([])
  })
})

describe('the table', () => {
  it('has no variable twice and a default that its schema accepts', () => {
    const names = settingRows(SETTINGS).flatMap(({ setting }) => setting.env.map((variable) => variable.name))
    expect(names.length).toBe(new Set(names).size)
    expect(names.every((name) => /^ENV_[A-Z0-9_]+$/.test(name))).toBe(true)
    const docs = settingRows(SETTINGS).map(({ setting }) => setting.doc)
    expect(docs.every((doc) => /[.)]$/.test(doc))).toBe(true)
  })
})
