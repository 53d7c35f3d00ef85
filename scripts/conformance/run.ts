// Runs the conformance corpora of a folder.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Case, Corpus, Difference, Outcome } from './corpus.ts'
import { filtersCorpus } from './filters.ts'
import { pipelineCorpus } from './pipeline.ts'
import { pointsCorpus } from './points.ts'

/** Every corpus this tree can run; a new one joins here. */
const CORPORA: readonly Corpus[] = [pointsCorpus, filtersCorpus, pipelineCorpus]

export interface Tally {
  readonly passed: number
  readonly failed: readonly { readonly test: Case; readonly differences: readonly Difference[] }[]
  /** Cases by the rule they depart by. */
  readonly departed: ReadonlyMap<string, number>
  readonly unstable: number
}

/** The cases of a file of JSON lines. */
export const readCases = (file: string): Case[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Case)

export async function runCases(corpus: Corpus, cases: readonly Case[]): Promise<Tally> {
  let passed = 0
  let unstable = 0
  const failed: { test: Case; differences: readonly Difference[] }[] = []
  const departed = new Map<string, number>()
  for (const test of cases) {
    const outcome = await runCase(corpus, test)
    if (outcome.kind === 'passed') passed++
    else if (outcome.kind === 'unstable') unstable++
    else if (outcome.kind === 'departed') departed.set(outcome.rule, (departed.get(outcome.rule) ?? 0) + 1)
    else failed.push({ test, differences: outcome.differences })
  }
  return { passed, failed, departed, unstable }
}

/** A case that throws has failed: nothing under test may throw. */
async function runCase(corpus: Corpus, test: Case): Promise<Outcome> {
  try {
    return await corpus.run(test)
  } catch (thrown) {
    const got = thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown
    return { kind: 'failed', differences: [{ path: 'thrown', expected: undefined, got }] }
  }
}

/** Files of a folder by corpus; `unknown` are those that no corpus reads. */
export function findFiles(folder: string): { known: [Corpus, string[]][]; unknown: string[] } {
  const files = globSync('*.jsonl', { cwd: folder }).sort()
  const owner = (file: string) => CORPORA.find((corpus) => basename(file).startsWith(corpus.prefix))
  const known = CORPORA.map((corpus): [Corpus, string[]] => [
    corpus,
    files.filter((file) => owner(file) === corpus).map((file) => join(folder, file)),
  ])
  return { known: known.filter(([, list]) => list.length > 0), unknown: files.filter((file) => !owner(file)) }
}
