// `datakit pipeline bench`: how fast a script is on the lines of a file, and what each of its statements takes.
import { readFile } from 'node:fs/promises'
import { workLayout } from '../config/layout.ts'
import type { Platform } from '../config/registry.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { fromPoint } from '../pipeline/conformance.ts'
import { runTask, type Subject } from '../pipeline/lanes/tasks.ts'
import { EMPTY_CONTEXT } from '../pipeline/scripts/script.ts'
import { parseCategory } from '../point/category.ts'
import { keyValue, Kind, makePoint } from '../point/point.ts'
import { encodePoints } from '../point/protobuf.ts'
import { commandLanes } from './command-lanes.ts'
import { failed, loadScript } from './pipeline.ts'
import { scriptSources } from './script-sources.ts'
import { chooseWorkdir } from './workdir.ts'

export interface BenchCommandOptions {
  readonly name?: string
  readonly file?: string
  readonly category: string
  readonly namespace: string
  readonly count?: number
  readonly lanes?: number
  readonly workdir?: string
}

export async function pipelineBenchCommand(options: BenchCommandOptions): Promise<boolean> {
  if (!options.name || !options.file) {
    console.log('usage: datakit pipeline bench -P script.p -F lines.txt [-n N] [--lanes K]')
    return false
  }
  const category = parseCategory(options.category)
  if (!category) return failed(`unknown category ${options.category}`)
  const loaded = await loadScript({ ...options, name: options.name, category })
  if (!loaded.ok) return failed(loaded.error)
  const { name, source, others, patterns } = loaded.value
  let lines: string[]
  try {
    lines = (await readFile(options.file, 'utf8')).split(/\r?\n/).filter((line) => line !== '')
  } catch (error) {
    return failed(errorText(error))
  }
  if (lines.length === 0) return failed(`${options.file} has no lines`)
  const layout = workLayout(chooseWorkdir(options.workdir), process.platform as Platform)
  const outside = await scriptSources(layout, [source, ...others.values()])
  const subject: Subject = { category, name, source, others, patterns, ...outside }
  const count = options.count ?? lines.length
  if (options.lanes) return benchLanes(subject, lines, count, options.lanes)
  const time = systemClock.nowNs()
  const points = lines.map((line) =>
    fromPoint(makePoint('bench', [keyValue('message', Kind.string, line)], time)),
  )
  const report = runTask(
    'bench',
    { subject, points, count },
    { clock: systemClock, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone },
  )
  printRate(count, report.ms)
  console.log(`${report.failed} failed, ${report.dropped} dropped`)
  for (const { line, from, to, runs, ms } of report.statements) {
    const text = source.slice(from, to).split('\n')[0]!.slice(0, 60)
    console.log(`${String(line).padStart(5)}  ${((ms * 1000) / runs).toFixed(3).padStart(10)} µs  ${text}`)
  }
  return true
}

const BATCH = 1000

/** Through lanes as data goes: encoded batches of 1,000 points there and back. */
async function benchLanes(
  subject: Subject,
  lines: readonly string[],
  count: number,
  lanes: number,
): Promise<boolean> {
  const { category, name, source, others, patterns, referTables, geo } = subject
  const all = [...others, [name, source] as const]
  const pool = commandLanes(
    { lanes, budgetMs: 60_000, ask: () => Promise.resolve(undefined) },
    {
      ...EMPTY_CONTEXT,
      version: 1,
      patterns,
      referTables,
      geo,
      defaults: { [category]: name },
      scripts: all.map(([file, text]) => ({
        category,
        namespace: 'default' as const,
        name: file,
        source: text,
      })),
    },
  )
  const time = systemClock.nowNs()
  const batches: Uint8Array[] = []
  for (let at = 0; at < Math.min(lines.length, count); at += BATCH)
    batches.push(
      encodePoints(
        lines
          .slice(at, at + BATCH)
          .map((line) => makePoint('bench', [keyValue('message', Kind.string, line)], time)),
      ),
    )
  const send = async (index: number): Promise<void> => {
    const outcome = await pool.batch({
      category,
      map: undefined,
      raw: undefined,
      encode: () => batches[index % batches.length]!,
      scripts: new Set([`default/${category}/${name}`]),
      stateful: false,
      filters: undefined,
      correctTo: undefined,
      showPiped: false,
    })
    if (typeof outcome === 'object' && 'dispose' in outcome) void outcome.dispose()
  }
  await Promise.all(Array.from({ length: lanes * 2 }, (_, i) => send(i)))
  const total = Math.ceil(count / BATCH)
  const started = systemClock.monotonic()
  let next = 0
  const feeder = async (): Promise<void> => {
    while (next < total) await send(next++)
  }
  await Promise.all(Array.from({ length: lanes * 2 }, feeder))
  printRate(total * BATCH, systemClock.monotonic() - started)
  await pool.dispose()
  return true
}

function printRate(points: number, ms: number): void {
  console.log(`${Math.round((points / ms) * 1000)} points/s, ${((ms * 1000) / points).toFixed(3)} µs a point`)
}
