// What a mistyped name was probably meant to be: a fix for the editor beside the fault.
import type { Fix } from '../../kernel/diagnostic.ts'
import { suggest } from '../../kernel/suggest.ts'
import { builtInPatternNames } from '../grok/patterns.ts'

const UNKNOWN_FUNCTION = /^unsupported func: `([^`]+)`$/
const UNKNOWN_PATTERN = /^no pattern foud for %\{([^}]+)\}/

/** `at` is where the fault points. */
export function fixesOf(message: string, text: string, at: number, functions: Iterable<string>): Fix[] {
  const called = UNKNOWN_FUNCTION.exec(message)?.[1]
  if (called !== undefined) return rename(called, suggest(called, functions), text.indexOf(called, at))
  const pattern = UNKNOWN_PATTERN.exec(message)?.[1]
  if (pattern === undefined) return []
  const reference = text.indexOf(`%{${pattern}`, at)
  return reference < 0 ? [] : rename(pattern, suggest(pattern, builtInPatternNames()), reference + 2)
}

function rename(wrong: string, right: string | undefined, from: number): Fix[] {
  if (right === undefined || from < 0) return []
  return [{ title: `Use ${right}`, edits: [{ from, to: from + wrong.length, insert: right }] }]
}
