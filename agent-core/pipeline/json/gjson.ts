// gjson paths over a text: `a.b.1`, `list.#`, `list.#.k`, `#(k=="x").v`, `#(v>5)#`, wildcards, `|`, modifiers, and
// `{a,b}` / `[a,b]`. Objects and lists come back as the text they were written in.
import { Float, type Value } from '../language/value.ts'
import { parseFloat64 } from '../text/go-number.ts'

interface JsonNode {
  readonly kind: 'null' | 'bool' | 'number' | 'string' | 'object' | 'array'
  readonly raw: string
  /** Text of a string, number of a number, truth of a bool. */
  readonly value: string | number | boolean | null
  readonly entries: readonly (readonly [string, JsonNode])[]
}

/** The value at a path; undefined when there is none or it is null. */
export function gjsonValue(text: string, path: string): Value {
  const lines = /^\.\.(?:\.|$|#)/.test(path)
  const root = lines ? linesNode(text) : readNode(text)
  const found = query(root, lines ? path.slice(2).replace(/^\./, '') : path)
  if (!found) return undefined
  switch (found.kind) {
    case 'null':
      return undefined
    case 'number':
      return new Float(found.value as number)
    case 'bool':
    case 'string':
      return found.value as boolean | string
    default:
      return found.raw
  }
}

// --- reading, leniently: a text that breaks off gives what was there

function readNode(text: string): JsonNode | undefined {
  return new Reader(text).value()
}

function linesNode(text: string): JsonNode {
  const items: JsonNode[] = []
  const reader = new Reader(text)
  for (let node = reader.value(); node; node = reader.value()) items.push(node)
  return arrayOf(items)
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): JsonNode | undefined {
    const text = this.#text
    while (this.#at < text.length && /[\s,:]/.test(text[this.#at]!)) this.#at++
    const start = this.#at
    const c = text[start]
    if (c === undefined) return undefined
    if (c === '{' || c === '[') return this.#container(c, start)
    if (c === '"') {
      const value = this.#string()
      return { kind: 'string', raw: text.slice(start, this.#at), value, entries: [] }
    }
    const word = /[^\s,:\]}"]*/y
    word.lastIndex = start
    const raw = word.exec(text)![0]
    this.#at = start + Math.max(raw.length, 1)
    if (raw.startsWith('t')) return { kind: 'bool', raw, value: true, entries: [] }
    if (raw.startsWith('f')) return { kind: 'bool', raw, value: false, entries: [] }
    if (raw.startsWith('nu')) return { kind: 'null', raw, value: null, entries: [] }
    if (/^[-+\dinIN]/.test(raw)) return { kind: 'number', raw, value: numberOf(raw), entries: [] }
    return undefined
  }

  #container(open: string, start: number): JsonNode {
    const close = open === '{' ? '}' : ']'
    const entries: [string, JsonNode][] = []
    this.#at++
    for (;;) {
      while (this.#at < this.#text.length && /[\s,:]/.test(this.#text[this.#at]!)) this.#at++
      const c = this.#text[this.#at]
      if (c === undefined) break
      if (c === close) {
        this.#at++
        break
      }
      let key = String(entries.length)
      if (open === '{') {
        if (c !== '"') {
          this.#at++
          continue
        }
        key = this.#string()
      }
      const node = this.value()
      if (!node) break
      entries.push([key, node])
    }
    const kind = open === '{' ? 'object' : 'array'
    return { kind, raw: this.#text.slice(start, this.#at), value: null, entries }
  }

  #string(): string {
    const form = /"((?:[^"\\]|\\[^])*)"?/y
    form.lastIndex = this.#at
    const match = form.exec(this.#text)!
    this.#at = form.lastIndex
    return match[1]!.includes('\\') ? unescapeJson(match[1]!) : match[1]!
  }
}

const SHORT: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const unescapeJson = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, code?: string, c?: string) =>
    code === undefined ? (SHORT[c!] ?? c!) : String.fromCharCode(Number.parseInt(code, 16)),
  )

function numberOf(raw: string): number {
  const value = parseFloat64(raw)
  if (value !== undefined) return value
  const beyond = Number(raw)
  return Math.abs(beyond) === Infinity ? beyond : 0
}

const arrayOf = (items: readonly JsonNode[]): JsonNode => ({
  kind: 'array',
  raw: `[${items.map((n) => n.raw).join(',')}]`,
  value: null,
  entries: items.map((n, i) => [String(i), n]),
})

const textNode = (value: string): JsonNode => ({
  kind: 'string',
  raw: JSON.stringify(value),
  value,
  entries: [],
})
const numberNode = (value: number): JsonNode => ({ kind: 'number', raw: String(value), value, entries: [] })

// --- paths

function query(root: JsonNode | undefined, path: string): JsonNode | undefined {
  if (!root || path === '') return undefined
  if (path.startsWith('@') || path.startsWith('!')) return modified(root, path)
  if (path.startsWith('{') || path.startsWith('[')) return multipath(root, path)
  const { part, rest, piped, wild } = splitPath(path)
  if (root.kind === 'array' && part.startsWith('#')) return hash(root, part, rest, piped)
  const found = child(root, part, wild)
  return rest === undefined ? found : query(found, rest)
}

interface Split {
  readonly part: string
  readonly rest: string | undefined
  readonly piped: boolean
  readonly wild: boolean
}

/** The first part of a path; separators inside queries and behind a backslash do not count. */
function splitPath(path: string): Split {
  let part = ''
  let depth = 0
  let wild = false
  for (let at = 0; at < path.length; at++) {
    const c = path[at]!
    if (c === '\\' && depth === 0) {
      // Wildcards stay escaped for the matcher.
      const next = path[++at] ?? ''
      part += next === '*' || next === '?' ? `\\${next}` : next
      continue
    }
    if (c === '"' && depth > 0) {
      const end = closingQuote(path, at)
      part += path.slice(at, end + 1)
      at = end
      continue
    }
    if (c === '(' && (depth > 0 || part === '#')) depth++
    if (c === ')' && depth > 0) depth--
    if (depth === 0 && (c === '.' || c === '|'))
      return { part, rest: path.slice(at + 1), piped: c === '|', wild }
    if (depth === 0 && (c === '*' || c === '?')) wild = true
    part += c
  }
  return { part, rest: undefined, piped: false, wild }
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}

function child(node: JsonNode, part: string, wild: boolean): JsonNode | undefined {
  if (node.kind === 'array') return /^\d+$/.test(part) ? node.entries[Number(part)]?.[1] : undefined
  if (node.kind !== 'object') return undefined
  if (!wild) return node.entries.find(([key]) => key === part.replaceAll(/\\([*?])/g, '$1'))?.[1]
  const pattern = globPattern(part)
  return node.entries.find(([key]) => pattern.test(key))?.[1]
}

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replaceAll(/\\([*?])|[*?]|[.+^${}()|[\]\\]/g, (c, escaped?: string) =>
      escaped === undefined ? (c === '*' ? '[^]*' : c === '?' ? '[^]' : `\\${c}`) : `\\${escaped}`,
    )}$`,
  )

/** `#`, `#.k`, `#(query)`, `#(query)#`. */
function hash(node: JsonNode, part: string, rest: string | undefined, piped: boolean): JsonNode | undefined {
  const items = node.entries.map(([, item]) => item)
  if (part === '#') {
    if (rest === undefined || piped)
      return rest === undefined ? numberNode(items.length) : query(arrayOf(items), rest)
    return collect(items, rest)
  }
  const match = /^#\(([^]*)\)(#?)$/.exec(part)
  if (!match) return undefined
  const test = condition(match[1]!)
  const hits = items.filter(test)
  if (match[2] === '') return rest === undefined ? hits[0] : query(hits[0], rest)
  if (rest === undefined) return arrayOf(hits)
  return piped ? query(arrayOf(hits), rest) : collect(hits, rest)
}

/** The rest of the path in every element; a pipe ends that and works on the list. */
function collect(items: readonly JsonNode[], rest: string): JsonNode | undefined {
  const pipe = topLevelPipe(rest)
  const each = pipe < 0 ? rest : rest.slice(0, pipe)
  const found = items.map((item) => query(item, each)).filter((n) => n !== undefined)
  const list = arrayOf(found)
  return pipe < 0 ? list : query(list, rest.slice(pipe + 1))
}

function topLevelPipe(path: string): number {
  let depth = 0
  for (let at = 0; at < path.length; at++) {
    const c = path[at]!
    if (c === '\\') at++
    else if (c === '"') at = closingQuote(path, at)
    else if (c === '(' || c === '{' || c === '[') depth++
    else if (c === ')' || c === '}' || c === ']') depth--
    else if (c === '|' && depth === 0) return at
  }
  return -1
}

type Test = (node: JsonNode) => boolean

function condition(text: string): Test {
  const match = /^((?:[^=!<>%"()]|\([^]*?\)#?)*?)\s*(==|=|!=|<=|<|>=|>|!%|%)\s*([^]*)$/.exec(text.trim())
  if (!match) {
    const path = text.trim()
    return (node) => path === '' || query(node, path) !== undefined
  }
  const [, path = '', operator = '', literal = ''] = match
  const wanted = literal.trim()
  return (node) => {
    const left = path.trim() === '' ? node : query(node, path.trim())
    return left !== undefined && compareNode(left, operator, wanted)
  }
}

function compareNode(node: JsonNode, operator: string, literal: string): boolean {
  // `~true` and its kin test what a value counts as.
  if (literal.startsWith('~'))
    return (operator === '==' || operator === '=') === loosely(node, literal.slice(1))
  const quoted = literal.startsWith('"')
  const right = quoted ? unescapeJson(literal.slice(1, literal.endsWith('"') ? -1 : undefined)) : literal
  if (node.kind === 'string') return compareWith(operator, node.value as string, right)
  if (quoted) return false
  if (node.kind === 'number') return compareWith(operator, node.value as number, Number.parseFloat(right))
  if (node.kind === 'bool') {
    const value = node.value as boolean
    if (operator === '=' || operator === '==') return value === (right === 'true')
    if (operator === '!=') return value !== (right === 'true')
    return operator === '>' || operator === '>=' ? value && (right === 'false' || operator === '>=') : false
  }
  // Null compares with nothing, not even with itself.
  return false
}

function loosely(node: JsonNode, literal: string): boolean {
  const truthy =
    node.kind === 'bool'
      ? node.value === true
      : node.kind === 'number'
        ? node.value !== 0
        : node.kind === 'string' && (node.value === 'true' || node.value === '1')
  if (literal === 'null') return node.kind === 'null'
  if (literal === '*') return true
  return literal === 'true' ? truthy : !truthy
}

function compareWith<T extends string | number>(operator: string, left: T, right: T): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    default:
      return globPattern(String(right)).test(String(left)) === (operator === '%')
  }
}

// --- modifiers and multipaths

function modified(root: JsonNode, path: string): JsonNode | undefined {
  if (path.startsWith('!')) {
    const literal = new Reader(path.slice(1)).value()
    return literal
  }
  const match = /^@(\w+)(?::((?:"(?:[^"\\]|\\.)*"|\{[^}]*\}|\[[^\]]*\]|[^.|])*))?(?:[.|]([^]*))?$/.exec(path)
  if (!match) return undefined
  const found = modifier(root, match[1]!, match[2])
  return match[3] === undefined ? found : query(found, match[3])
}

function modifier(node: JsonNode, name: string, argument: string | undefined): JsonNode | undefined {
  const values = node.entries.map(([, item]) => item)
  switch (name) {
    case 'this':
      return node
    case 'valid':
      return isValid(node.raw) ? node : undefined
    case 'reverse':
      if (node.kind === 'array') return arrayOf(values.toReversed())
      return node.kind === 'object' ? objectOf(node.entries.toReversed()) : node
    case 'ugly':
      return isValid(node.raw) ? readNode(compact(node)) : node
    case 'pretty':
      return isValid(node.raw)
        ? { ...node, raw: `${JSON.stringify(JSON.parse(node.raw), undefined, 2)}\n` }
        : node
    case 'keys':
      if (node.kind !== 'object') return arrayOf([])
      return arrayOf(node.entries.map(([key]) => textNode(key)))
    case 'values':
      return node.kind === 'object' || node.kind === 'array' ? arrayOf(values) : arrayOf([node])
    case 'flatten':
      return node.kind === 'array'
        ? arrayOf(flatten(values, argument?.includes('"deep":true') ?? false))
        : node
    case 'join':
      return node.kind === 'array'
        ? objectOf(values.flatMap((v) => (v.kind === 'object' ? v.entries : [])))
        : node
    case 'tostr':
      return textNode(node.raw)
    case 'fromstr':
      return node.kind === 'string' && isValid(node.value as string)
        ? readNode(node.value as string)
        : undefined
    case 'group': {
      const keys = node.entries
      const length = Math.max(0, ...keys.map(([, v]) => v.entries.length))
      return arrayOf(
        Array.from({ length }, (_, i) =>
          objectOf(keys.flatMap(([key, v]) => (v.entries[i] ? [[key, v.entries[i][1]] as const] : []))),
        ),
      )
    }
    default:
      return undefined
  }
}

function flatten(items: readonly JsonNode[], deep: boolean): JsonNode[] {
  return items.flatMap((item) => {
    if (item.kind !== 'array') return [item]
    const inner = item.entries.map(([, v]) => v)
    return deep ? flatten(inner, true) : inner
  })
}

function isValid(raw: string): boolean {
  try {
    JSON.parse(raw)
    return true
  } catch {
    return false
  }
}

function compact(node: JsonNode): string {
  if (node.kind === 'array') return `[${node.entries.map(([, v]) => compact(v)).join(',')}]`
  if (node.kind === 'object')
    return `{${node.entries.map(([k, v]) => `${JSON.stringify(k)}:${compact(v)}`).join(',')}}`
  return node.raw
}

function objectOf(entries: readonly (readonly [string, JsonNode])[]): JsonNode {
  const last = new Map(entries)
  const raw = `{${[...last].map(([k, v]) => `${JSON.stringify(k)}:${v.raw}`).join(',')}}`
  return { kind: 'object', raw, value: null, entries: [...last] }
}

/** `{a,"name":b.c}` and `[a,b.c]` build a new value from several paths. */
function multipath(root: JsonNode, path: string): JsonNode | undefined {
  const close = path.startsWith('{') ? '}' : ']'
  let depth = 0
  let end = -1
  const commas: number[] = []
  for (let at = 0; at < path.length && end < 0; at++) {
    const c = path[at]!
    if (c === '\\') at++
    else if (c === '"') at = closingQuote(path, at)
    else if ('([{'.includes(c)) depth++
    else if (')]}'.includes(c) && --depth === 0) end = at
    else if (c === ',' && depth === 1) commas.push(at)
  }
  if (end < 0 || path[end] !== close) return undefined
  const cuts = [0, ...commas, end]
  const parts = cuts.slice(1).map((to, i) => path.slice(cuts[i]! + 1, to))
  const entries = parts.flatMap((part): [string, JsonNode][] => {
    const named = /^("(?:[^"\\]|\\.)*"|\w+):([^]*)$/.exec(part)
    const found = query(root, named ? named[2]! : part)
    const key = named ? named[1]!.replaceAll('"', '') : (/([^.|@#]+)$/.exec(part)?.[1] ?? '_')
    return found ? [[key, found]] : []
  })
  const built = close === '}' ? objectOf(entries) : arrayOf(entries.map(([, v]) => v))
  const rest = path.slice(end + 1)
  return rest === '' ? built : query(built, rest.slice(1))
}
