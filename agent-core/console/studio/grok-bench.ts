// Trying grok patterns: where each capture lies, how far a pattern that fails still fits, and which patterns fit a text.
import type { GrokResult } from '../../contract/pipelines.ts'
import type { Result } from '../../kernel/result.ts'
import type { GrokReport, Tasks } from '../../pipeline/lanes/tasks.ts'
import { cut } from './points.ts'

type Try = (args: Tasks['grok']['args']) => Promise<Result<GrokReport>>
type Capture = GrokReport['results'][number]['captures'][number]

/** Captures the whole match, so that its text comes back with the others. */
const WHOLE = 'studio_whole_match'
const REFERENCE = /%\{[^}]*\}/g
const MOST_STEPS = 40

const KINDS = { str: 'str', int: 'int', float: 'float', bool: 'bool' } as const

export async function tryGrok(
  attempt: Try,
  args: { readonly pattern: string; readonly text: string; readonly patterns: ReadonlyMap<string, string> },
): Promise<Result<GrokResult>> {
  const { pattern, text, patterns } = args
  const none = { matched: false, error: null, from: 0, to: 0, captures: [], reach: null }
  const report = await attempt({ pattern: whole(pattern), texts: [text], patterns })
  if (!report.ok) return report
  const { error, results } = report.value
  if (error !== undefined) return ok({ ...none, error: { message: error, from: null, to: null } })
  const found = results[0]!
  if (!found.matched) return ok({ ...none, reach: await reachOf(attempt, args) })
  const span = spanOf(found.captures, text)
  return ok({ ...none, matched: true, ...span, captures: place(found.captures, text, span.from) })
}

const whole = (pattern: string): string => `(?P<${WHOLE}>${pattern})`
const ok = (value: GrokResult): Result<GrokResult> => ({ ok: true, value })

function spanOf(captures: readonly Capture[], text: string): { from: number; to: number } {
  const matched = captures.find(({ key }) => key === WHOLE)?.text ?? ''
  const from = Math.max(0, text.indexOf(matched))
  return { from, to: from + matched.length }
}

/** The lane tells texts; groups follow each other, so each is looked for behind the one before. */
function place(captures: readonly Capture[], text: string, start: number): GrokResult['captures'] {
  let at = start
  return captures
    .filter(({ key }) => key !== WHOLE)
    .map(({ key, type, text: captured }) => {
      const ahead = text.indexOf(captured, at)
      const from = ahead < 0 ? Math.max(start, text.indexOf(captured, start)) : ahead
      const to = from + captured.length
      at = ahead < 0 ? at : to
      return {
        name: key,
        from,
        to,
        value: cut({ kind: KINDS[type as keyof typeof KINDS] ?? 'str', text: captured }),
      }
    })
}

/** Cuts the pattern behind its references and literals, from the end, until a part matches. */
async function reachOf(
  attempt: Try,
  { pattern, text, patterns }: { pattern: string; text: string; patterns: ReadonlyMap<string, string> },
): Promise<GrokResult['reach']> {
  const cuts = new Set<number>()
  for (const found of pattern.matchAll(REFERENCE)) cuts.add(found.index).add(found.index + found[0].length)
  const ends = [...cuts].filter((at) => at > 0 && at < pattern.length).toSorted((a, b) => b - a)
  for (const end of ends.slice(0, MOST_STEPS)) {
    const report = await attempt({ pattern: whole(pattern.slice(0, end)), texts: [text], patterns })
    if (!report.ok) return null
    const found = report.value.results[0]
    if (found?.matched) return { pattern: end, text: spanOf(found.captures, text).to }
  }
  return null
}

/** The most telling first: what says what a text is before what takes anything. */
const SUGGESTED: readonly (readonly [pattern: string, key: string])[] = [
  ['TIMESTAMP_ISO8601', 'time'],
  ['HTTPDATE', 'time'],
  ['SYSLOGTIMESTAMP', 'time'],
  ['DATE', 'date'],
  ['TIME', 'time'],
  ['IP', 'ip'],
  ['MAC', 'mac'],
  ['UUID', 'id'],
  ['LOGLEVEL', 'status'],
  ['EMAILADDRESS', 'email'],
  ['URI', 'url'],
  ['URIPATHPARAM', 'path'],
  ['UNIXPATH', 'path'],
  ['WINPATH', 'path'],
  ['INT', 'count'],
  ['NUMBER', 'value'],
  ['HOSTPORT', 'address'],
  ['IPORHOST', 'host'],
  ['QUOTEDSTRING', 'text'],
  ['WORD', 'word'],
  ['NOTSPACE', 'text'],
  ['GREEDYDATA', 'text'],
]
const MOST_SUGGESTIONS = 6

export async function suggestPatterns(
  attempt: Try,
  text: string,
): Promise<{ pattern: string; key: string }[]> {
  const fitting: { pattern: string; key: string }[] = []
  if (text === '') return fitting
  for (const [pattern, key] of SUGGESTED) {
    const report = await attempt({ pattern: `^(?:%{${pattern}})$`, texts: [text], patterns: new Map() })
    if (report.ok && report.value.results[0]?.matched) fitting.push({ pattern, key })
    if (fitting.length >= MOST_SUGGESTIONS) break
  }
  return fitting
}

/** Patterns that a draft adds itself, as far as they are written as two literals. */
export function draftPatterns(text: string): Map<string, string> {
  const added = new Map<string, string>()
  const call =
    /\badd_pattern\s*\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*,\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g
  for (const [, name, pattern] of text.matchAll(call)) added.set(unquote(name!), unquote(pattern!))
  return added
}
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
const unquote = (literal: string): string =>
  literal.slice(1, -1).replaceAll(/\\(.)/g, (_all, c: string) => ESCAPES[c] ?? c)
