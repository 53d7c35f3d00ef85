// The pipeline studio: is my script right, what does it do to each sample, and how dear is it?
// Scripts, checks, runs with a trace, saved cases, grok, benchmark, and what an edit would change on stored points.
import * as v from 'valibot'
import { diagnostic, nothing, timestamp } from './common.ts'
import { method, stream } from './define.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** 1 MiB, as the debug API. */
const scriptText = v.pipe(v.string(), v.maxLength(1_048_576))
const nanoseconds = v.number()

export const pipelineCategory = v.picklist([
  'metric',
  'network',
  'keyevent',
  'object',
  'custom_object',
  'object_change',
  'logging',
  'tracing',
  'rum',
  'security',
  'profiling',
  'dialtesting',
])

/** Where a script lives, highest priority first; `built-in` stands in the default workspace's place when it is empty. */
export const scriptNamespace = v.picklist(['remote', 'confd', 'gitrepo', 'default', 'built-in'])

/** `name` is the file name with its `.p`. */
export const scriptRef = v.strictObject({
  category: pipelineCategory,
  namespace: scriptNamespace,
  name: v.pipe(v.string(), v.minLength(3), v.maxLength(256)),
})

/**
 * A value with its type. `text`: the text itself for str, decimal digits for int and uint (exact over 64 bits), Go's
 * `NaN +Inf -Inf` among floats, base64 for bytes, JSON for list and map, empty for nil and void. Longer than 64 KiB it
 * is cut and `length` tells the whole length in bytes.
 */
export const typedValue = v.object({
  kind: v.picklist(['nil', 'bool', 'int', 'uint', 'float', 'str', 'bytes', 'list', 'map', 'any', 'void']),
  text: v.string(),
  length: v.optional(v.number()),
})

export const pointKey = v.object({ key: v.string(), tag: v.boolean(), value: typedValue })

/** Keys in the point's own order; `time` is ns since the epoch as decimal digits. */
export const pointView = v.object({ name: v.string(), time: v.string(), keys: v.array(pointKey) })

/**
 * One point to try a script on. `message`: the text becomes the field `message` of a point named `source` (default: the
 * script's name without `.p`). `line-protocol` and `json` carry exactly one point as the write API takes it.
 */
export const sample = v.variant('format', [
  v.object({ format: v.literal('message'), text: v.string(), source: v.optional(v.string()) }),
  v.object({ format: v.literal('line-protocol'), text: v.string() }),
  v.object({ format: v.literal('json'), text: v.string() }),
])

/** Innermost place first, as `name:line:column`; empty when the fault has no place (a sample that does not decode). */
export const runError = v.object({
  message: v.string(),
  chain: v.array(v.object({ file: v.string(), line: v.number(), column: v.number() })),
})

/** What one statement did to the point; a key that was not there has no `before`, one that is gone no `after`. */
export const keyChange = v.object({
  key: v.string(),
  before: v.nullable(v.object({ tag: v.boolean(), value: typedValue })),
  after: v.nullable(v.object({ tag: v.boolean(), value: typedValue })),
})

export const traceStep = v.object({
  file: v.string(),
  /** UTF-16 offsets in `file`; line and column are 1-based. */
  from: count,
  to: count,
  line: count,
  column: count,
  /** First line of the statement. */
  text: v.string(),
  /** Variable that an assignment wrote; null for other statements. */
  variable: v.nullable(v.string()),
  /** What was assigned, what a lone expression or a condition gave; null when the statement has no value. */
  value: v.nullable(typedValue),
  /** Keys that this statement changed on the point; name and time count as keys `(name)` and `(time)`. */
  changes: v.array(keyChange),
  dropped: v.boolean(),
  ns: nanoseconds,
})

/** Time of one statement over all samples of a run; `ns` includes what it contains. */
export const statementCost = v.object({
  from: count,
  to: count,
  line: count,
  column: count,
  runs: count,
  ns: nanoseconds,
})

const createdPoint = v.object({ category: pipelineCategory, point: pointView })

export const sampleResult = v.object({
  /** The point as the script got it; null when the sample does not decode (then `error` says why). */
  before: v.nullable(pointView),
  /** The point as it goes on, after status mapping and `time`; shown for a dropped point too. */
  after: v.nullable(pointView),
  dropped: v.boolean(),
  created: v.array(createdPoint),
  error: v.nullable(runError),
  /** Empty without `trace`. At most 1,000; `moreSteps` counts the rest. */
  steps: v.array(traceStep),
  moreSteps: count,
  ns: nanoseconds,
})

/** What a saved case expects; `time` null leaves the point's time open (it is the run's own for messages). */
export const expectation = v.object({
  dropped: v.boolean(),
  /** Message of the expected runtime error. */
  error: v.nullable(v.string()),
  name: v.nullable(v.string()),
  time: v.nullable(v.string()),
  keys: v.array(pointKey),
  created: v.array(createdPoint),
})

export const scriptCase = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  sample,
  expect: expectation,
})

export const caseResult = v.object({
  name: v.string(),
  passed: v.boolean(),
  /** `where`: a key, or `(name) (time) (dropped) (error) (created)`. Absent side = null. */
  differences: v.array(
    v.object({
      where: v.string(),
      expected: v.nullable(typedValue),
      actual: v.nullable(typedValue),
    }),
  ),
  result: sampleResult,
})

export const scriptState = v.picklist([
  'ok',
  'failed', // does not compile and nothing runs in its place
  'previous', // the file does not compile; the last good version runs
  'suspended', // broke its time budget twice; waits for `pipelines.enable`
])

export const scriptInfo = v.object({
  ...scriptRef.entries,
  state: scriptState,
  /** False when a higher namespace holds a script of the same category and name. */
  active: v.boolean(),
  /** False for remote and built-in ones: they can be copied into the default namespace. */
  editable: v.boolean(),
  /** Path shown to people; null when it is in no file. */
  file: v.nullable(v.string()),
  /** The category's default script. */
  isDefault: v.boolean(),
  /** Sources (measurement, source, service ...) that select it, by its name and by relations, with their `*` and `?`. */
  sources: v.array(v.string()),
  points: count,
  dropped: count,
  errors: count,
  avgCostNs: v.nullable(nanoseconds),
  cases: count,
  /** Why it is not `ok`. */
  problem: v.nullable(v.string()),
  updatedAt: v.nullable(timestamp),
})

export const scriptList = v.object({
  scripts: v.array(scriptInfo),
  /** Through all scripts. */
  pointsPerSecond: v.number(),
  lanes: count,
})

export const functionDoc = v.object({
  name: v.string(),
  /** `grok(input, pattern, trim = true) bool` */
  signature: v.string(),
  params: v.array(
    v.object({
      name: v.string(),
      /** key: a name, not evaluated; literal: must be written in the source; value: any expression. */
      kind: v.picklist(['key', 'name', 'literal', 'value']),
      default: v.optional(v.string()),
      rest: v.optional(v.boolean()),
    }),
  ),
  named: v.boolean(),
  returns: v.nullable(v.string()),
  doc: v.object({ en: v.string(), zh: v.string() }),
  examples: v.array(
    v.object({
      script: v.string(),
      message: v.optional(v.string()),
      /** Keys afterwards as JSON texts; null = no such key. */
      expect: v.record(v.string(), v.nullable(v.string())),
    }),
  ),
})

export const grokResult = v.object({
  matched: v.boolean(),
  /** The pattern does not compile: offsets point into it. */
  error: v.nullable(v.object({ message: v.string(), from: v.nullable(count), to: v.nullable(count) })),
  /** Where the whole match lies in the text (UTF-16). */
  from: count,
  to: count,
  captures: v.array(v.object({ name: v.string(), from: count, to: count, value: typedValue })),
  /** Without a match: how far the longest leading part of the pattern still matches. */
  reach: v.nullable(v.object({ pattern: count, text: count })),
})

/** What the studio edits: a script that need not exist yet, and the text in the editor. */
const draft = { script: scriptRef, text: scriptText }
const samples = v.pipe(v.array(sample), v.maxLength(1000))

export const benchProgress = v.object({
  done: v.boolean(),
  elapsedMs: v.number(),
  runs: count,
  errors: count,
  pointsPerSecond: v.number(),
  nsPerPoint: nanoseconds,
  /** The script in the store on the same samples; null when there is none. */
  saved: v.nullable(v.object({ pointsPerSecond: v.number(), nsPerPoint: nanoseconds })),
  /** In the last event only. */
  statements: v.array(statementCost),
})

const impactSide = v.object({
  after: v.nullable(pointView),
  dropped: v.boolean(),
  created: count,
  error: v.nullable(runError),
})

/** Saved script against the draft, on points. */
export const impactProgress = v.object({
  done: v.boolean(),
  /** Points looked at, of `total`; `others` of them are not for this script and were left out. */
  scanned: count,
  total: count,
  others: count,
  /** A script called http_request, which asks nobody here and gives nil. */
  offline: v.boolean(),
  same: count,
  changed: count,
  /** Dropped by the draft only, by the saved script only. */
  newDrops: count,
  fewerDrops: count,
  newErrors: count,
  fewerErrors: count,
  keys: v.array(
    v.object({
      key: v.string(),
      change: v.picklist(['added', 'removed', 'changed', 'type']),
      points: count,
    }),
  ),
  nsPerPoint: v.object({ saved: v.nullable(nanoseconds), draft: v.nullable(nanoseconds) }),
  /** Up to 20, those with the largest differences. */
  examples: v.array(v.object({ before: pointView, saved: impactSide, draft: impactSide })),
})

/** A point of the store or the tap as a sample, its secrets hidden. */
export const capturedSample = v.object({ time: timestamp, source: v.string(), summary: v.string(), sample })

const sourceFilter = v.nullable(v.pipe(v.string(), v.maxLength(1024)))

export type CapturedSample = v.InferOutput<typeof capturedSample>
export type ScriptRef = v.InferOutput<typeof scriptRef>
export type ScriptInfo = v.InferOutput<typeof scriptInfo>
export type ScriptList = v.InferOutput<typeof scriptList>
export type TypedValue = v.InferOutput<typeof typedValue>
export type PointView = v.InferOutput<typeof pointView>
export type PointKeyView = v.InferOutput<typeof pointKey>
export type Sample = v.InferOutput<typeof sample>
export type KeyChange = v.InferOutput<typeof keyChange>
export type TraceStepView = v.InferOutput<typeof traceStep>
export type StatementCost = v.InferOutput<typeof statementCost>
export type SampleResult = v.InferOutput<typeof sampleResult>
export type Expectation = v.InferOutput<typeof expectation>
export type ScriptCase = v.InferOutput<typeof scriptCase>
export type CaseResult = v.InferOutput<typeof caseResult>
export type FunctionDoc = v.InferOutput<typeof functionDoc>
export type GrokResult = v.InferOutput<typeof grokResult>
export type BenchProgress = v.InferOutput<typeof benchProgress>
export type ImpactProgress = v.InferOutput<typeof impactProgress>

export const pipelinesContract = {
  /** Every script at once, then on each change, at most once a second. */
  'pipelines.watch': stream(nothing, scriptList, 'latest'),
  /** `revision` changes with the text. */
  'pipelines.read': method(
    v.strictObject({ script: scriptRef }),
    v.object({ text: v.string(), revision: v.string() }),
  ),
  /**
   * Writes the file and loads it. `base` is the revision that was edited, null for a new script: PIPELINE_CONFLICT when
   * the file is another by now, PIPELINE_EXISTS when a new one is there already. A text with errors is saved too: the
   * previous good version goes on running.
   */
  'pipelines.save': method(
    v.strictObject({ ...draft, base: v.nullable(v.string()) }),
    v.object({ revision: v.string(), diagnostics: v.array(diagnostic) }),
  ),
  /** The file and its cases. */
  'pipelines.delete': method(v.strictObject({ script: scriptRef, base: v.string() }), nothing),
  /** Runs a suspended script again, its breaches forgotten. */
  'pipelines.enable': method(v.strictObject({ script: scriptRef }), nothing),

  /** All errors, and as warnings and notices what a reader would stumble over (PIPELINE_DEAD_STORE ...), with fixes. */
  'pipelines.check': method(v.strictObject(draft), v.object({ diagnostics: v.array(diagnostic) })),
  /** Functions of the language and every grok pattern that a script may use. */
  'pipelines.language': method(
    nothing,
    v.object({
      functions: v.array(functionDoc),
      patterns: v.array(v.object({ name: v.string(), pattern: v.string(), builtIn: v.boolean() })),
    }),
  ),

  /**
   * Runs the draft on samples, one result each in their order; no results when it does not compile (see diagnostics).
   * Cancelling the call stops a script that does not end.
   */
  'pipelines.run': method(
    v.strictObject({ ...draft, samples, trace: v.boolean() }),
    v.object({
      diagnostics: v.array(diagnostic),
      results: v.array(sampleResult),
      statements: v.array(statementCost),
    }),
  ),
  /** Cuts a file or a paste into samples of one point each; `format` null = guess. At most 1,000. */
  'pipelines.split': method(
    v.strictObject({
      text: v.pipe(v.string(), v.maxLength(33_554_432)),
      format: v.nullable(v.picklist(['message', 'line-protocol', 'json'])),
    }),
    v.object({ samples: v.array(sample), more: count }),
  ),
  /** Newest stored points of a category as samples, and the sources there are. The store keeps points behind scripts. */
  'pipelines.stored': method(
    v.strictObject({
      category: pipelineCategory,
      source: sourceFilter,
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
    v.object({ sources: v.array(v.string()), samples: v.array(capturedSample) }),
  ),
  /**
   * The next points that pass, as samples; ends by itself after `limit`. `collected` is before scripts, `piped` behind
   * them. FILTER_SYNTAX when `filter` is no filter rule; empty, it holds for all.
   */
  'pipelines.capture': stream(
    v.strictObject({
      category: pipelineCategory,
      place: v.picklist(['collected', 'piped']),
      source: sourceFilter,
      filter: v.pipe(v.string(), v.maxLength(10_000)),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
    v.object({
      ...capturedSample.entries,
      /** Points that were for it and are not here since the one before: they came too fast. */
      skipped: count,
    }),
    'drop',
  ),

  'pipelines.cases': method(v.strictObject({ script: scriptRef }), v.object({ cases: v.array(scriptCase) })),
  /** Adds the case, or replaces the one of that name, in the script's `*.case.json`. */
  'pipelines.saveCase': method(v.strictObject({ script: scriptRef, case: scriptCase }), nothing),
  'pipelines.deleteCase': method(v.strictObject({ script: scriptRef, name: v.string() }), nothing),
  'pipelines.runCases': method(
    v.strictObject(draft),
    v.object({ diagnostics: v.array(diagnostic), results: v.array(caseResult) }),
  ),

  /** Tries a pattern; the draft's own add_pattern calls count. */
  'pipelines.grok': method(
    v.strictObject({
      pattern: v.pipe(v.string(), v.maxLength(65_536)),
      text: v.string(),
      script: scriptText,
    }),
    grokResult,
  ),
  /** Patterns that fit exactly the selected part of a text, the most telling first. */
  'pipelines.suggest': method(
    v.strictObject({ text: v.string(), from: count, to: count }),
    v.object({ patterns: v.array(v.object({ pattern: v.string(), key: v.string() })) }),
  ),

  /** Runs the draft on the samples round and round; ends by itself, or when closed. */
  'pipelines.bench': stream(
    v.strictObject({
      ...draft,
      samples: v.pipe(samples, v.minLength(1)),
      seconds: v.pipe(v.number(), v.minValue(0.1), v.maxValue(60)),
    }),
    benchProgress,
    'latest',
  ),
  /**
   * What saving would change: on the last stored points, which are behind the scripts, or on the next collected ones,
   * which are before them. Ends by itself, or when closed. `mine`: only points that this script gets.
   */
  'pipelines.impact': stream(
    v.strictObject({
      ...draft,
      from: v.picklist(['stored', 'collected']),
      mine: v.boolean(),
      source: sourceFilter,
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)),
    }),
    impactProgress,
    'latest',
  ),
}

export type PipelinesContract = typeof pipelinesContract
