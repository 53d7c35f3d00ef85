// grok patterns to one regular expression: `%{NAME}`, `%{NAME:key}`, `%{NAME:key:type}`, nested to any depth.
import { compileRe2, type Re2 } from '../../kernel/re2.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { Float, type Value } from '../language/value.ts'
import { parseBool, parseFloat64, castInt } from '../text/go-number.ts'

export type CaptureType = 'str' | 'int' | 'float' | 'bool'

export interface Capture {
  readonly key: string
  /** Number of the group that counts: with a name given twice, the last one. */
  readonly group: number
  readonly type: CaptureType
}

export interface Grok {
  readonly regexp: Re2
  readonly captures: readonly Capture[]
}

const REFERENCE = /%\{([\w.-]+)(?::([\w.-]+)(?::([\w.-]+))?)?\}/g
const TYPES: Readonly<Record<string, CaptureType>> = {
  str: 'str',
  string: 'str',
  int: 'int',
  float: 'float',
  bool: 'bool',
}

/** A key as a group may be called. */
const groupName = (key: string): string => key.replaceAll(/\W/g, '_')

/** A pattern without references, and the types that keys inside it have. */
export interface Expanded {
  readonly source: string
  readonly types: ReadonlyMap<string, CaptureType>
}

export type PatternLookup = (name: string) => Expanded | undefined

/** Replaces every reference; an unknown pattern, type or a circle is an error. */
export function expandGrok(text: string, pattern: PatternLookup): Result<Expanded, string> {
  const outer = new Map<string, CaptureType>()
  const inner = new Map<string, CaptureType>()
  let problem: string | undefined
  const source = text.replaceAll(REFERENCE, (whole, name: string, key?: string, type?: string) => {
    const body = pattern(name)
    if (body === undefined) problem ??= `no pattern foud for %{${name}}`
    if (type !== undefined && !Object.hasOwn(TYPES, type)) problem ??= `unsupported type ${type} in ${whole}`
    if (problem !== undefined) return ''
    for (const [inherited, kind] of body!.types) inner.set(inherited, kind)
    if (key === undefined) return `(?:${body!.source})`
    if (type !== undefined) outer.set(groupName(key), TYPES[type]!)
    return `(?P<${groupName(key)}>${body!.source})`
  })
  // A type given here counts more than one from inside a pattern.
  return problem === undefined ? ok({ source, types: new Map([...inner, ...outer]) }) : err(problem)
}

/** Global patterns, each expanded once when first asked for; they see only each other. */
export function globalPatterns(texts: (name: string) => string | undefined): PatternLookup {
  const done = new Map<string, Expanded | undefined>()
  const lookup: PatternLookup = (name) => {
    if (done.has(name)) return done.get(name)
    // A pattern that refers to itself finds nothing.
    done.set(name, undefined)
    const text = texts(name)
    const expanded = text === undefined ? undefined : expandGrok(text, lookup)
    if (expanded?.ok) done.set(name, expanded.value)
    return done.get(name)
  }
  return lookup
}

export function compileGrok(text: string, pattern: PatternLookup): Result<Grok, string> {
  const expanded = expandGrok(text, pattern)
  if (!expanded.ok) return expanded
  const { source, types } = expanded.value
  const regexp = compileRe2(source)
  if (!regexp.ok) return regexp
  const groups = new Map<string, number>()
  for (const [group, name] of regexp.value.groups.entries()) if (name !== undefined) groups.set(name, group)
  const captures = [...groups].map(([key, group]) => ({ key, group, type: types.get(key) ?? 'str' }))
  return ok({ regexp: regexp.value, captures })
}

/** A captured text as its type; what does not parse is 0, 0.0 or false. */
export function captureValue(type: CaptureType, text: string): Value {
  switch (type) {
    case 'int':
      return castInt(text)
    case 'float':
      return new Float(parseFloat64(text) ?? 0)
    case 'bool':
      return parseBool(text) ?? false
    default:
      return text
  }
}
