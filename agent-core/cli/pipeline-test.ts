// `datakit pipeline test`: saved cases, those of the conformance files and those that the studio keeps beside a script.
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { TypedValue } from '../contract/pipelines.ts'
import { caseFileOf, readCases } from '../console/studio/cases.ts'
import { tryCases } from '../console/studio/trial.ts'
import { workLayout } from '../config/layout.ts'
import type { Platform } from '../config/registry.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { ok } from '../kernel/result.ts'
import { runPipelineCase, type PipelineCase } from '../pipeline/conformance.ts'
import { runTask } from '../pipeline/lanes/tasks.ts'
import { parseCategory } from '../point/category.ts'
import { failed, loadScript } from './pipeline.ts'
import { scriptSources } from './script-sources.ts'
import { chooseWorkdir } from './workdir.ts'

export interface TestCommandOptions {
  /** Of a `*.case.json` whose folder is no category. */
  readonly category: string
  readonly workdir?: string
}

interface Judged {
  readonly id: string
  readonly differences: readonly string[]
}

/** Every case of the files, each failure with what differs; true when all passed. */
export async function pipelineTestCommand(
  files: readonly string[],
  options: TestCommandOptions,
): Promise<boolean> {
  let passed = 0
  let wrong = 0
  let readable = true
  for (const file of files)
    try {
      const cases = file.endsWith('.case.json')
        ? await studioCases(resolve(file), options)
        : await corpusCases(file)
      if (cases.length === 0) throw new Error(`${file} holds no case`)
      for (const { id, differences } of cases) {
        if (differences.length === 0) passed++
        else {
          wrong++
          console.log(files.length > 1 ? `${basename(file)}: ${id}` : id)
          for (const difference of differences) console.log(`  ${difference}`)
        }
      }
    } catch (error) {
      readable = failed(errorText(error))
    }
  console.log(`${passed} passed, ${wrong} failed`)
  return readable && wrong === 0
}

/** One case a line. */
async function corpusCases(file: string): Promise<Judged[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  return lines.map((line, index) => {
    let id = `line ${index + 1}`
    try {
      const test = JSON.parse(line) as PipelineCase
      id = test.id ?? id
      return { id, differences: runPipelineCase(test, systemClock) }
    } catch (error) {
      return { id, differences: [errorText(error)] }
    }
  })
}

/** The script stands beside its cases, in the folder of its category. */
async function studioCases(file: string, options: TestCommandOptions): Promise<Judged[]> {
  const script = file.replace(/\.case\.json$/, '.p')
  await readFile(caseFileOf(script))
  const read = await readCases(script)
  if (!read.ok) throw read.error
  const category = parseCategory(basename(dirname(file))) ?? parseCategory(options.category)
  if (!category) throw new Error(`unknown category ${options.category}`)
  const loaded = await loadScript({ ...options, name: script, category, namespace: 'default' })
  const all = (why: string): Judged[] => read.value.map(({ name }) => ({ id: name, differences: [why] }))
  if (!loaded.ok) return all(loaded.error)
  const { name, source, others, patterns } = loaded.value
  const layout = workLayout(chooseWorkdir(options.workdir), process.platform as Platform)
  const outside = await scriptSources(layout, [source, ...others.values()])
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const tried = await tryCases(
    (args) => Promise.resolve(ok(runTask('run', args, { clock: systemClock, timeZone }))),
    systemClock,
    { category, name, source, others, patterns, ...outside },
    read.value,
  )
  if (!tried.ok) return all(tried.error.message)
  return tried.value.results.map((one) => ({
    id: one.name,
    differences: one.differences.map(
      ({ where, expected, actual }) => `${where}: wanted ${shown(expected)}, got ${shown(actual)}`,
    ),
  }))
}

const shown = (value: TypedValue | null): string =>
  value === null
    ? 'absent'
    : `${value.kind === 'str' ? JSON.stringify(value.text) : value.text} (${value.kind})`
