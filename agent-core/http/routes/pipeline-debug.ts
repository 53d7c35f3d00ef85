// POST /v1/pipeline/debug (spec points-io-http.md section 4.2): a script on samples, with what it does to each.
import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import iconv from 'iconv-lite'
import type { Clock } from '../../kernel/clock.ts'
import type { Result } from '../../kernel/result.ts'
import type { CasePoint } from '../../pipeline/conformance.ts'
import { fromPoint } from '../../pipeline/conformance.ts'
import type { ScriptError } from '../../pipeline/language/fault.ts'
import type { RunReport, Tasks } from '../../pipeline/lanes/tasks.ts'
import { parseCategory, type Category } from '../../point/category.ts'
import { decodeBody, encodingOf } from '../../point/decode.ts'
import { keyValue, Kind, makePoint, type Point } from '../../point/point.ts'
import { refuse } from '../reply.ts'

export interface PipelineDebugRoutes {
  readonly clock: Clock
  /** Runs in a lane; fails with PIPELINE_BUDGET. */
  runScript(args: Tasks['run']['args'], budgetMs: number): Promise<Result<RunReport>>
}

const BUDGET_MS = 15_000
const MAX_SCRIPT = 1024 * 1024
const MAX_DATUM = 32 * 1024 * 1024

const request = v.object({
  pipeline: v.optional(v.record(v.string(), v.record(v.string(), v.string())), {}),
  script_name: v.optional(v.string(), ''),
  category: v.optional(v.string(), ''),
  data: v.optional(v.nullable(v.array(v.string())), []),
  data_type: v.optional(v.string(), ''),
  encode: v.optional(v.string(), ''),
  benchmark: v.optional(v.boolean(), false),
})
type DebugRequest = v.InferOutput<typeof request>

export function registerPipelineDebug(app: FastifyInstance, parts: PipelineDebugRoutes): void {
  app.post<{ Body: Buffer | undefined }>('/v1/pipeline/debug', async (call, reply) => {
    let json: unknown
    try {
      json = JSON.parse((call.body ?? Buffer.alloc(0)).toString('utf8'))
    } catch {
      return refuse(reply, 400, 'invalidRequest', 'the body is not JSON')
    }
    const parsed = v.safeParse(request, json)
    if (!parsed.success) return refuse(reply, 400, 'invalidRequest', parsed.issues[0].message)
    const body = parsed.output
    const category = parseCategory(body.category)
    if (!category) return refuse(reply, 400, 'invalidCategory', `invalid category ${body.category}`)
    const scripts = scriptsOf(body, category)
    const name = `${body.script_name.replace(/\.p$/, '')}.p`
    const source = scripts.get(name)
    if (source === undefined || [...scripts.values()].some((text) => Buffer.byteLength(text) > MAX_SCRIPT))
      return refuse(reply, 400, 'invalidPipeline', `no script ${body.script_name} of at most 1 MiB`)
    const points = samplesOf(body, category, parts.clock.nowNs())
    if (typeof points === 'string') return refuse(reply, 400, 'invalidData', points)
    scripts.delete(name)
    const started = parts.clock.monotonic()
    const subject = { category, name, source, others: scripts, patterns: new Map<string, string>() }
    const run = await parts.runScript({ subject, points: points.map(fromPoint), trace: false }, BUDGET_MS)
    if (reply.sent) return reply
    if (!run.ok) {
      const failure = { pos_chain: null, error: run.error.message }
      return reply.send({ content: { cost: '', benchmark: '', pl_errors: [failure], plresults: null } })
    }
    const report = run.value
    if (report.error)
      return reply.send({
        content: { cost: '', benchmark: '', pl_errors: [errorView(report.error, source)], plresults: null },
      })
    const cost = costText(report.samples.reduce((sum, sample) => sum + sample.ms, 0))
    const results = [
      ...report.samples.map((sample) => ({
        point: sample.error ? null : pointView(sample.after, sample.dropped),
        create_point: created(sample.error ? [] : [...sample.created, ...sample.released]),
        run_error: sample.error ? errorView(sample.error, source) : null,
      })),
      ...report.aggregated.map((point) => ({
        point: pointView(point, false),
        create_point: null,
        run_error: null,
      })),
    ]
    const benchmark = body.benchmark
      ? costText((parts.clock.monotonic() - started) / Math.max(1, points.length))
      : ''
    return reply.send({ content: { cost, benchmark, pl_errors: null, plresults: results } })
  })
}

function scriptsOf({ pipeline }: DebugRequest, category: Category): Map<string, string> {
  const scripts = new Map<string, string>()
  for (const [text, named] of Object.entries(pipeline))
    if (parseCategory(text) === category)
      for (const [name, base64] of Object.entries(named))
        scripts.set(`${name.replace(/\.p$/, '')}.p`, Buffer.from(base64, 'base64').toString('utf8'))
  return scripts
}

/** The points, or what is wrong with the data. */
function samplesOf(body: DebugRequest, category: Category, now: bigint): Point[] | string {
  const points: Point[] = []
  const name = body.script_name.replace(/\.p$/, '')
  const message = (text: string): Point => makePoint(name, [keyValue('message', Kind.string, text)], now)
  const plain = body.data_type.includes('text/plain') || (body.data_type === '' && category === 'logging')
  for (const [index, base64] of (body.data ?? []).entries()) {
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length > MAX_DATUM) return `data[${index}] is longer than 32 MiB`
    const text = /^gb(?:k|18030)$/i.test(body.encode)
      ? iconv.decode(bytes, body.encode)
      : bytes.toString('utf8')
    if (plain) {
      points.push(message(text))
      continue
    }
    const decoded = decodeBody({
      encoding: encodingOf(body.data_type),
      category,
      precision: '',
      body: bytes,
      now,
      strict: false,
    })
    if (decoded.ok) points.push(...decoded.value)
    else if (category === 'logging') points.push(message(text))
    else return `data[${index}]: ${decoded.error.message}`
  }
  return points.length === 0 ? 'no data' : points
}

function pointView({ name, tags, fields, time }: CasePoint, dropped: boolean) {
  const ns = BigInt(time ?? 0)
  const second = 1_000_000_000n
  return {
    dropped,
    name,
    tags,
    fields: Object.fromEntries(Object.entries(fields).map(([key, { v, t }]) => [key, plainValue(v, t)])),
    time: Number(ns / second),
    time_ns: Number(ns % second),
  }
}

function plainValue(value: unknown, type: string): unknown {
  if (type === 'int' || type === 'uint') return Number(value)
  if (type === 'list') return (value as { v: unknown; t: string }[]).map(({ v, t }) => plainValue(v, t))
  if (type === 'map')
    return Object.fromEntries(
      Object.entries(value as Record<string, { v: unknown; t: string }>).map(([k, x]) => [
        k,
        plainValue(x.v, x.t),
      ]),
    )
  return value
}

const created = (points: readonly CasePoint[]) =>
  points.length === 0 ? null : points.map((point) => pointView(point, false))

function errorView({ message, chain }: ScriptError, source: string) {
  return {
    pos_chain: chain.map(({ file, line, column, offset }) => ({
      file,
      ln: line,
      col: column,
      pos: Buffer.byteLength(source.slice(0, offset)),
    })),
    error: message,
  }
}

/** As Go prints a duration. */
function costText(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toFixed(9))}s`
  return ms >= 1 ? `${Number(ms.toFixed(6))}ms` : `${Number((ms * 1000).toFixed(3))}µs`
}
