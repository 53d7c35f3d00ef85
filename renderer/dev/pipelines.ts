// An invented script engine for the development page: it knows one nginx script and plays its run by heart.
import type {
  FunctionDoc,
  KeyChange,
  PointKeyView,
  Sample,
  SampleResult,
  ScriptInfo,
  ScriptRef,
  TraceStepView,
  TypedValue,
} from '../../agent-core/contract/index.ts'
import { contractError } from '../../agent-core/contract/errors.ts'
import type { PipelinesContract } from '../../agent-core/contract/pipelines.ts'
import type { ContractHandlers } from '../../agent-core/contract/server.ts'

const NGINX = `# access log: one grok, casts, status from the code, time
grok(_, "%{NOTSPACE:client_ip} %{NOTSPACE:ident} %{NOTSPACE:auth} \\\\[%{HTTPDATE:time}\\\\] \\"%{WORD:method} %{NOTSPACE:url} HTTP/%{NUMBER:proto}\\" %{INT:code} %{INT:size}")
cast(code, "int")
cast(size, "int")

if size > 65536 {
  big_reply = true
}
group_between(code, [200, 299], "OK", status)
group_between(code, [400, 499], "warning", status)
group_between(code, [500, 599], "error", status)
nullif(auth, "-")
drop_key(ident)
default_time(time)
`
const LINE =
  '7.190.71.63 - - [08/Mar/2024:23:06:43 +0000] "POST /search?q=term14593&page=2 HTTP/1.1" 200 77417'

const str = (text: string): TypedValue => ({ kind: 'str', text })
const int = (text: string): TypedValue => ({ kind: 'int', text })
const CAPTURED: readonly (readonly [string, string])[] = [
  ['client_ip', '7.190.71.63'],
  ['ident', '-'],
  ['auth', '-'],
  ['time', '08/Mar/2024:23:06:43 +0000'],
  ['method', 'POST'],
  ['url', '/search?q=term14593&page=2'],
  ['proto', '1.1'],
  ['code', '200'],
  ['size', '77417'],
]

const change = (key: string, before: TypedValue | null, after: TypedValue | null): KeyChange => ({
  key,
  before: before && { tag: false, value: before },
  after: after && { tag: false, value: after },
})

const STEPS: readonly (readonly [string, number, readonly KeyChange[]])[] = [
  ['grok(_,', 6100, CAPTURED.map(([key, text]) => change(key, null, str(text)))],
  ['cast(code', 180, [change('code', str('200'), int('200'))]],
  ['cast(size', 170, [change('size', str('77417'), int('77417'))]],
  ['if size', 210, []],
  ['big_reply', 50, []],
  ['group_between(code, [200', 220, [change('status', null, str('OK'))]],
  ['group_between(code, [400', 120, []],
  ['group_between(code, [500', 110, []],
  ['nullif', 140, [change('auth', str('-'), null)]],
  ['drop_key', 90, [change('ident', str('-'), null)]],
  [
    'default_time',
    1310,
    [
      change('time', str('08/Mar/2024:23:06:43 +0000'), null),
      change('(time)', null, int('1709939203000000000')),
    ],
  ],
]

function stepsOf(text: string, file: string): TraceStepView[] {
  return STEPS.flatMap(([start, ns, changes]) => {
    const from = text.indexOf(start)
    if (from < 0) return []
    const lineEnd = text.indexOf('\n', from)
    const to = lineEnd < 0 ? text.length : lineEnd
    const before = text.slice(0, from)
    const assigns = start === 'big_reply'
    return {
      file,
      from,
      to,
      line: before.split('\n').length,
      column: from - before.lastIndexOf('\n'),
      text: text.slice(from, to),
      variable: assigns ? 'big_reply' : null,
      value: assigns || start === 'if size' ? { kind: 'bool' as const, text: 'true' } : null,
      changes: [...changes],
      dropped: false,
      ns,
    }
  })
}

function resultOf({ text }: Sample, source: string, script: ScriptRef): SampleResult {
  const before = {
    name: script.name.slice(0, -2),
    time: '1763649127123456789',
    keys: [
      { key: 'message', tag: false, value: str(text) },
      { key: 'message_len', tag: false, value: int(String(text.length)) },
      { key: 'host', tag: true, value: str('ops-ws-07') },
    ],
  }
  const steps = text.startsWith('7.')
    ? stepsOf(source, script.name)
    : stepsOf(source, script.name).slice(0, 1)
  const keys = new Map<string, PointKeyView>(before.keys.map((one) => [one.key, one]))
  let time = before.time
  const matched = text.startsWith('7.')
  for (const step of matched ? steps : [])
    for (const { key, after } of step.changes) {
      if (key === '(time)') time = after!.value.text
      else if (after) keys.set(key, { key, ...after })
      else keys.delete(key)
    }
  const after = { name: before.name, time, keys: [...keys.values()] }
  return {
    before,
    after,
    dropped: false,
    created: [],
    error: null,
    steps: matched
      ? steps
      : steps.map((one) => ({ ...one, changes: [], value: { kind: 'bool', text: 'false' } })),
    moreSteps: 0,
    ns: matched ? 8700 : 4200,
  }
}

const info = (
  namespace: ScriptRef['namespace'],
  category: ScriptRef['category'],
  name: string,
  rest: Partial<ScriptInfo> = {},
): ScriptInfo => ({
  category,
  namespace,
  name,
  state: 'ok',
  active: true,
  editable: namespace === 'default',
  file: namespace === 'default' ? `pipeline/${category}/${name}` : null,
  isDefault: false,
  sources: [],
  points: 120_345,
  dropped: 0,
  errors: 0,
  avgCostNs: 6200,
  cases: 0,
  problem: null,
  updatedAt: null,
  ...rest,
})

const SCRIPTS: readonly ScriptInfo[] = [
  info('default', 'logging', 'iis.p'),
  info('default', 'logging', 'nginx.p', {
    sources: ['app-nginx-access', 'nginx'],
    cases: 1,
    avgCostNs: 8700,
  }),
  info('default', 'logging', 'orders.p', { active: false }),
  info('default', 'logging', 'redis.p', {
    state: 'suspended',
    problem: 'It took longer than 10 s for a batch, twice.',
  }),
  info('default', 'logging', 'sqlserver.p', {
    state: 'previous',
    problem: 'sqlserver.p:3:1: unclosed left brace',
  }),
  info('default', 'metric', 'infra.p'),
  info('remote', 'logging', 'orders.p', { avgCostNs: 41_000, sources: ['orders'] }),
  info('built-in', 'logging', 'mysql.p'),
  info('built-in', 'logging', 'tomcat.p'),
]

const doc = (name: string, signature: string, en: string, zh: string): FunctionDoc => ({
  name,
  signature,
  params: signature.includes('()') ? [] : [{ name: 'key', kind: 'key' }],
  named: false,
  returns: null,
  doc: { en, zh },
  examples: [{ script: `${name}(code, "int")`, expect: { code: '404' } }],
})
const FUNCTIONS: readonly FunctionDoc[] = [
  doc('cast', 'cast(key, type)', 'Converts the value of a key to another type.', '转换键值的类型。'),
  doc('grok', 'grok(input, pattern, trim = true) bool', 'Writes every named capture.', '写入所有命名捕获。'),
  doc('drop', 'drop()', 'Drops the point.', '丢弃该点。'),
  doc('drop_key', 'drop_key(key)', 'Removes a key.', '移除键。'),
]

function problemsIn(text: string) {
  const at = text.indexOf('big_reply = true')
  const bad = text.indexOf('castt(')
  const label = (from: number, to: number, said: string) => {
    const before = text.slice(0, from)
    return { from, to, line: before.split('\n').length, column: from - before.lastIndexOf('\n'), text: said }
  }
  return [
    ...(bad < 0
      ? []
      : [
          {
            code: 'PIPELINE_CHECK',
            severity: 'error' as const,
            message: 'unsupported func: `castt`',
            labels: [label(bad, bad + 5, '')],
            notes: [],
            fixes: [{ title: 'Use cast', edits: [{ from: bad, to: bad + 5, insert: 'cast' }] }],
          },
        ]),
    ...(at < 0
      ? []
      : [
          {
            code: 'PIPELINE_DEAD_STORE',
            severity: 'warning' as const,
            message: 'An assignment never reaches the point',
            labels: [label(at, at + 16, '')],
            notes: ['big_reply is a variable and ends with this block.'],
            fixes: [
              {
                title: 'Replace with add_key(big_reply, true)',
                edits: [{ from: at, to: at + 16, insert: 'add_key(big_reply, true)' }],
              },
            ],
          },
        ]),
  ]
}

const noAgent = (name: string) => ({
  ok: false as const,
  error: contractError('CONSOLE_UNKNOWN_METHOD', name),
})

export function pipelineHandlers(): ContractHandlers<PipelinesContract> {
  const texts = new Map<string, string>()
  const sample: Sample = { format: 'message', text: LINE }
  const run = (script: ScriptRef, text: string, samples: readonly Sample[]) => {
    const diagnostics = problemsIn(text)
    if (diagnostics.some(({ severity }) => severity === 'error'))
      return { diagnostics, results: [], statements: [] }
    const results = samples.map((one) => resultOf(one, text, script))
    const statements = stepsOf(text, script.name).map(({ from, to, line, column, ns }) => {
      return { from, to, line, column, runs: samples.length, ns: ns * samples.length }
    })
    return { diagnostics, results, statements }
  }
  return {
    'pipelines.watch': (_args, emit) => {
      emit({ scripts: [...SCRIPTS], pointsPerSecond: 4134, lanes: 1 })
      return { dispose: () => {} }
    },
    'pipelines.read': ({ script }) => ({ text: texts.get(script.name) ?? NGINX, revision: '1' }),
    'pipelines.save': ({ script, text }) => {
      texts.set(script.name, text)
      return { revision: '2', diagnostics: problemsIn(text) }
    },
    'pipelines.delete': () => noAgent('delete'),
    'pipelines.enable': () => ({}),
    'pipelines.check': ({ text }) => ({ diagnostics: problemsIn(text) }),
    'pipelines.language': () => ({
      functions: [...FUNCTIONS],
      patterns: [
        { name: 'IP', pattern: '(?:%{IPV6}|%{IPV4})', builtIn: true },
        { name: 'INT', pattern: '(?:[+-]?(?:[0-9]+))', builtIn: true },
      ],
    }),
    'pipelines.run': ({ script, text, samples }) => run(script, text, samples),
    'pipelines.split': ({ text }) => ({
      samples: text
        .split('\n')
        .filter(Boolean)
        .map((line): Sample => ({ format: 'message', text: line })),
      more: 0,
    }),
    'pipelines.stored': () => ({
      sources: ['nginx'],
      samples: [{ time: 1763649127123, source: 'nginx', summary: LINE, sample }],
    }),
    'pipelines.capture': ({ limit }, emit, control) => {
      const time = 1763649127123
      for (let n = 0; n < limit; n++) emit({ time, source: 'nginx', summary: LINE, sample, skipped: 0 })
      control.end()
      return { dispose: () => {} }
    },
    'pipelines.cases': () => ({
      cases: [
        {
          name: 'large-reply',
          sample,
          expect: { dropped: false, error: null, name: null, time: null, keys: [], created: [] },
        },
      ],
    }),
    'pipelines.saveCase': () => ({}),
    'pipelines.deleteCase': () => ({}),
    'pipelines.runCases': ({ script, text }) => ({
      diagnostics: [],
      results: [
        {
          name: 'large-reply',
          passed: false,
          differences: [{ where: 'big_reply', expected: { kind: 'bool', text: 'true' }, actual: null }],
          result: resultOf(sample, text, script),
        },
      ],
    }),
    'pipelines.grok': ({ text }) => {
      const end = text.indexOf(' ')
      const value = str(text.slice(0, end))
      return {
        matched: end > 0,
        error: null,
        from: 0,
        to: Math.max(0, end),
        captures: end > 0 ? [{ name: 'client_ip', from: 0, to: end, value }] : [],
        reach: null,
      }
    },
    'pipelines.suggest': () => ({
      patterns: [
        { pattern: 'IP', key: 'ip' },
        { pattern: 'NOTSPACE', key: 'word' },
      ],
    }),
    'pipelines.bench': (_args, emit) => {
      emit({
        done: true,
        elapsedMs: 3000,
        runs: 345_000,
        errors: 0,
        pointsPerSecond: 115_000,
        nsPerPoint: 8700,
        saved: { pointsPerSecond: 121_000, nsPerPoint: 8260 },
        statements: [],
      })
      return { dispose: () => {} }
    },
    'pipelines.impact': ({ script, text }, emit) => {
      const { before, after } = resultOf(sample, text, script)
      const side = { after: after!, dropped: false, created: 0, error: null }
      emit({
        done: true,
        scanned: 10_000,
        total: 10_000,
        others: 0,
        offline: false,
        same: 9_120,
        changed: 880,
        newDrops: 0,
        fewerDrops: 0,
        newErrors: 3,
        fewerErrors: 0,
        keys: [{ key: 'big_reply', change: 'added', points: 880 }],
        nsPerPoint: { saved: 8260, draft: 8700 },
        examples: [{ before: before!, saved: { ...side, after: before! }, draft: side }],
      })
      return { dispose: () => {} }
    },
  }
}
