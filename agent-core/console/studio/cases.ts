// Saved cases of a script: `<script>.case.json` beside it, and how a run differs from what a case expects.
import { readFile, rm } from 'node:fs/promises'
import * as v from 'valibot'
import {
  scriptCase,
  type CaseResult,
  type Expectation,
  type PointKeyView,
  type PointView,
  type SampleResult,
  type ScriptCase,
  type TypedValue,
} from '../../contract/pipelines.ts'
import { AgentError, errnoOf, errorText } from '../../kernel/errors.ts'
import { writeFileAtomic } from '../../config/atomic-write.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

const caseFile = v.object({ cases: v.array(scriptCase) })

export const caseFileOf = (scriptFile: string): string => scriptFile.replace(/\.p$/, '.case.json')

export async function readCases(scriptFile: string): Promise<Result<ScriptCase[]>> {
  const file = caseFileOf(scriptFile)
  try {
    const parsed = v.safeParse(caseFile, JSON.parse(await readFile(file, 'utf8')))
    if (parsed.success) return ok(parsed.output.cases)
    return err(new AgentError('PIPELINE_FILE', `${file}: ${parsed.issues[0].message}`))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ok([])
    return err(new AgentError('PIPELINE_FILE', `${file}: ${errorText(error)}`))
  }
}

export async function writeCases(scriptFile: string, cases: readonly ScriptCase[]): Promise<Result<null>> {
  const file = caseFileOf(scriptFile)
  try {
    if (cases.length === 0) await rm(file, { force: true })
    else return written(writeFileAtomic(file, `${JSON.stringify({ cases }, undefined, 2)}\n`))
    return ok(null)
  } catch (error) {
    return err(new AgentError('PIPELINE_FILE', `${file}: ${errorText(error)}`))
  }
}
const written = (result: Result<void>): Result<null> => (result.ok ? ok(null) : result)

type Difference = CaseResult['differences'][number]

const str = (text: string): TypedValue => ({ kind: 'str', text })
const bool = (value: boolean): TypedValue => ({ kind: 'bool', text: String(value) })
const same = (a: TypedValue | null, b: TypedValue | null): boolean =>
  a === b || (a !== null && b !== null && a.kind === b.kind && a.text === b.text)

export function expectationDifferences(expect: Expectation, result: SampleResult): Difference[] {
  const differences: Difference[] = []
  const compare = (where: string, expected: TypedValue | null, actual: TypedValue | null): void => {
    if (!same(expected, actual)) differences.push({ where, expected, actual })
  }
  const { after } = result
  compare(
    '(error)',
    expect.error === null ? null : str(expect.error),
    result.error ? str(result.error.message) : null,
  )
  compare('(dropped)', bool(expect.dropped), bool(result.dropped))
  if (expect.name !== null) compare('(name)', str(expect.name), after ? str(after.name) : null)
  if (expect.time !== null)
    compare('(time)', { kind: 'int', text: expect.time }, after ? { kind: 'int', text: after.time } : null)
  const wanted = keyed(expect.keys)
  const got = keyed(after?.keys ?? [])
  for (const key of new Set([...wanted.keys(), ...got.keys()])) {
    const [a, b] = [wanted.get(key), got.get(key)]
    if (a && b && a.tag !== b.tag)
      differences.push({
        where: key,
        expected: str(a.tag ? 'tag' : 'field'),
        actual: str(b.tag ? 'tag' : 'field'),
      })
    else compare(key, a?.value ?? null, b?.value ?? null)
  }
  compare('(created)', str(created(expect.created)), str(created(result.created)))
  return differences
}

const keyed = (keys: readonly PointKeyView[]): Map<string, PointKeyView> =>
  new Map(keys.map((one) => [one.key, one]))

/** Created points take their time from the run; only what the script gave them counts. */
const created = (made: readonly { readonly category: string; readonly point: PointView }[]): string =>
  made
    .map(({ category, point: { name, keys } }) => {
      const shown = keys
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ key, tag, value }) => [key, tag, value])
      return `${category} ${name} ${JSON.stringify(shown)}`
    })
    .join('\n')
