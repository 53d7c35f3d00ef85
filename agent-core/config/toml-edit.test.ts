import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseToml, type KeyPath } from './toml.ts'
import { removeValue, setValue, type Edited } from './toml-edit.ts'
import { applyEdits } from './text-lines.ts'
import { asParsed, pruned, sameValue, valueAtPath, withValueAt, withoutValueAt } from './toml-values.ts'
import type { TomlInput } from './toml-write.ts'

const set = (text: string, path: KeyPath, value: TomlInput): string => {
  const result = setValue(text, path, value)
  return result.ok ? result.value.text : `${result.error.code}: ${result.error.message}`
}
const remove = (text: string, path: KeyPath): string => {
  const result = removeValue(text, path)
  return result.ok ? result.value.text : `${result.error.code}: ${result.error.message}`
}

describe('setValue', () => {
  const cases: readonly [name: string, before: string, path: KeyPath, value: TomlInput, after: string][] = [
    [
      'in place, comments stay',
      '# a\n[d]\n  urls = [ "x" ] # why\n',
      ['d', 'urls'],
      ['y', 'z'],
      '# a\n[d]\n  urls = ["y", "z"] # why\n',
    ],
    ['multi-line value', 'a = [\n  1, # one\n  2,\n]\nb = 1\n', ['a'], [3], 'a = [3]\nb = 1\n'],
    ['dotted key', '[a]\nb.c = 1\n', ['a', 'b', 'c'], 2, '[a]\nb.c = 2\n'],
    ['quoted key', '"a b".\'c\' = 1\n', ['a b', 'c'], 2, '"a b".\'c\' = 2\n'],
    ['inside an inline table', 'a = { b = 1, c = 2 }\n', ['a', 'c'], 'x', 'a = { b = 1, c = "x" }\n'],
    ['inside a list', 'a = [1, [2, 3]]\n', ['a', 1, 0], 9, 'a = [1, [9, 3]]\n'],
    [
      'array of tables',
      '[[i.x]]\na=1\n[[i.x]]\na=2\n',
      ['i', 'x', 1, 'a'],
      3,
      '[[i.x]]\na=1\n[[i.x]]\na=3\n',
    ],
    [
      'commented setting',
      '[d]\n  # The addresses.\n  # urls = ["x"] # why\n  b = 1\n',
      ['d', 'urls'],
      ['y'],
      '[d]\n  # The addresses.\n  urls = ["y"] # why\n  b = 1\n',
    ],
    ['commented without a space', '[d]\n  #n=1\n', ['d', 'n'], 2, '[d]\n  n=2\n'],
    [
      'prose is no setting',
      '[d]\n# n = how many there are\n',
      ['d', 'n'],
      2,
      '[d]\nn = 2\n# n = how many there are\n',
    ],
    ['commented over lines', '[d]\n# l = [\n#   1,\n# ]\nb = 1\n', ['d', 'l'], [2], '[d]\nl = [2]\nb = 1\n'],
    ['commented in another table', '[a]\n# n = 1\n[b]\n', ['b', 'n'], 2, '[a]\n# n = 1\n[b]\nn = 2\n'],
    [
      'commented table',
      '[[i.x]]\n  a = 1\n  # [i.x.tags]\n  #   k = "v"\n  #   more = "m"\n',
      ['i', 'x', 0, 'tags', 'more'],
      'n',
      '[[i.x]]\n  a = 1\n  [i.x.tags]\n  #   k = "v"\n    more = "n"\n',
    ],
    [
      'commented table, new key',
      '[[i.x]]\n  # [i.x.tags]\n',
      ['i', 'x', 0, 'tags', 'k'],
      'v',
      '[[i.x]]\n  [i.x.tags]\n    k = "v"\n',
    ],
    ['commented 0 at the end', '# n = 0', ['n'], 0, 'n = 0'],
    ['commented table behind another', '[a]\n# [b]\n# c = 1\n', ['b', 'c'], 2, '[a]\n[b]\nc = 2\n'],
    ['not the text in a string', 's = """\n# n = 1\n"""\n', ['n'], 2, 's = """\n# n = 1\n"""\nn = 2\n'],
    [
      'end of its table',
      '[a]\n  x = 1 # c\n\n[b]\n',
      ['a', 'y'],
      true,
      '[a]\n  x = 1 # c\n  y = true\n\n[b]\n',
    ],
    ['indent of commented neighbours', '[a]\n  # x = 1\n', ['a', 'y'], 1, '[a]\n  y = 1\n  # x = 1\n'],
    ['no line break at the end', '[a]\nx = 1', ['a', 'y'], 1.5, '[a]\nx = 1\ny = 1.5\n'],
    [
      'root, before the first table',
      '# file\n\n# about a\n[a]\nx = 1\n',
      ['y'],
      1,
      '# file\n\ny = 1\n# about a\n[a]\nx = 1\n',
    ],
    ['new table at the end', 'x = 1\n', ['a', 'b'], [], 'x = 1\n\n[a]\nb = []\n'],
    ['new table in an empty file', '', ['dataway', 'urls'], ['u'], '[dataway]\nurls = ["u"]\n'],
    [
      'new table beside its family',
      '[a]\nx = 1\n# y = 2\n\n# about b\n[b]\n',
      ['a', 'c', 'z'],
      1,
      '[a]\nx = 1\n# y = 2\n\n[a.c]\nz = 1\n\n# about b\n[b]\n',
    ],
    [
      'new table of an element',
      '[[i.x]]\na=1\n[[i.x]]\na=2\n',
      ['i', 'x', 0, 'tags', 'k'],
      'v',
      '[[i.x]]\na=1\n\n[i.x.tags]\nk = "v"\n\n[[i.x]]\na=2\n',
    ],
    ['beside dotted keys', '[a]\nb.c = 1\nd = 1\n', ['a', 'b', 'e'], 2, '[a]\nb.c = 1\nd = 1\nb.e = 2\n'],
    ['beside dotted keys of the root', 'a.b.c = 1\n', ['a', 'b', 'd'], 2, 'a.b.c = 1\na.b.d = 2\n'],
    ['into an inline table', 'a = { b = 1 }\n', ['a', 'c', 'd'], 2, 'a = { b = 1, c.d = 2 }\n'],
    ['into an empty inline table', 'a = {}\n', ['a', 'c'], 2, 'a = { c = 2 }\n'],
    ['table above its children', '[a.b]\nx = 1\n', ['a', 'y'], 1, '[a.b]\nx = 1\n\n[a]\ny = 1\n'],
    [
      'a whole table, key by key',
      '[t]\n# keep\nk = "v" # c\nold = "o"\n',
      ['t'],
      { k: 'w', n: 'm' },
      '[t]\n# keep\nk = "w" # c\nn = "m"\n',
    ],
    ['a table where none is', '[t]\n', ['t', 'u'], { 'a b': '1' }, '[t]\nu = { "a b" = "1" }\n'],
    [
      'CRLF and BOM',
      '\uFEFF# x\r\n[d]\r\nurls = []\r\n',
      ['d', 'n'],
      1,
      '\uFEFF# x\r\n[d]\r\nurls = []\r\nn = 1\r\n',
    ],
    ['text with everything', '', ['k'], 'q"\\\n\t\u0001é', 'k = "q\\"\\\\\\n\\t\\u0001é"\n'],
    ['int64', 'a = 1\n', ['a'], 9223372036854775807n, 'a = 9223372036854775807\n'],
    [
      'a value in the way',
      'a = 1\n',
      ['a', 'b'],
      2,
      'CONFIG_VALUE: Value not allowed: a.b cannot be written into this file',
    ],
    [
      'a list in the way',
      '[[a]]\nb = 1\n',
      ['a', 'b'],
      2,
      'CONFIG_VALUE: Value not allowed: a.b cannot be written into this file',
    ],
    [
      'an element that is not there',
      '[[a]]\nb = 1\n',
      ['a', 1, 'b'],
      2,
      'CONFIG_VALUE: Value not allowed: a[1].b cannot be written into this file',
    ],
    ['not TOML', 'a = \n', ['a'], 2, 'CONFIG_SYNTAX: TOML syntax error: invalid value'],
  ]
  it.each(cases)('%s', (_name, before, path, value, after) => {
    expect(set(before, path, value)).toBe(after)
  })

  it('gives the edits that lead from one text to the other', () => {
    const before = '\uFEFF[d]\n# urls = []\n'
    const result = setValue(before, ['d', 'urls'], ['u'])
    expect(result).toEqual({
      ok: true,
      value: {
        text: '\uFEFF[d]\nurls = ["u"]\n',
        edits: [
          { from: 5, to: 7, insert: '' },
          { from: 14, to: 16, insert: '["u"]' },
        ],
      },
    })
  })
})

describe('removeValue', () => {
  const cases: readonly [name: string, before: string, path: KeyPath, after: string][] = [
    ['a line', '# a\nx = 1 # c\ny = 2\n', ['x'], '# a\ny = 2\n'],
    ['lines', 'x = [\n1,\n]\ny = 2', ['x'], 'y = 2'],
    ['the last line', 'y = 2\nx = 1', ['x'], 'y = 2\n'],
    [
      'a table with what is below',
      '[a]\nx = 1\n# z\n\n[a.b]\ny = 1\n\n# about c\n[c]\nz = 1\n',
      ['a'],
      '# about c\n[c]\nz = 1\n',
    ],
    ['dotted keys', '[a]\nb.c = 1\nd = 1\nb.e = 1\n', ['a', 'b'], '[a]\nd = 1\n'],
    ['an element', '[[i.x]]\na=1\n[i.x.t]\nk=1\n[[i.x]]\na=2\n', ['i', 'x', 0], '[[i.x]]\na=2\n'],
    ['the first of an inline table', 'a = { b = 1, c = 2 }\n', ['a', 'b'], 'a = { c = 2 }\n'],
    ['the last of an inline table', 'a = { b = 1, c = 2 }\n', ['a', 'c'], 'a = { b = 1 }\n'],
    ['the only one of a list', 'a = [ 1, ]\n', ['a', 0], 'a = []\n'],
    ['what is not there', 'a = 1\n', ['b', 'c'], 'a = 1\n'],
    ['CRLF and BOM', '\uFEFFa = 1\r\nb = 1\r\n', ['a'], '\uFEFFb = 1\r\n'],
  ]
  it.each(cases)('%s', (_name, before, path, after) => {
    expect(remove(before, path)).toBe(after)
  })
})

// --- properties over generated files

const NAMES = ['a', 'b', 'urls', 'odd key', 'ключ']
const name = fc.constantFrom(...NAMES)
const scalar: fc.Arbitrary<TomlInput> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)
const input: fc.Arbitrary<TomlInput> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(name, scalar, { maxKeys: 3, noNullPrototype: true }),
)
const keyText = (key: string): string => (/^[a-z]+$/.test(key) ? key : `"${key}"`)
const valueText = fc.constantFrom(
  '1',
  '0',
  '"s"',
  '[1, 2]',
  '[\n  1, # one\n]',
  '{ a = 1, b.c = 2 }',
  '{}',
  "'''\n# a = 1\n'''",
  '1.0',
)
const line = fc.oneof(
  fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 2 }), valueText, fc.constantFrom('', ' # note'))
    .map(([keys, value, note]) => `  ${keys.map(keyText).join('.')} = ${value}${note}`),
  fc
    .tuple(name, valueText)
    .map(([key, value]) => `  # ${keyText(key)} = ${value.replaceAll('\n', '\n  # ')}`),
  fc.constantFrom('', '# prose', '# [a.b]', '  #urls = [] # why', '# about the next'),
)
const header = fc
  .tuple(fc.array(name, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([keys, list]) => (list ? `[[${keys.map(keyText).join('.')}]]` : `[${keys.map(keyText).join('.')}]`))
const file = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: line }, header), { maxLength: 12 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([lines, eol, bom, ends]) => {
    // Lines that would break the file are left out one by one.
    let text = ''
    for (const next of lines) {
      const grown = `${text}${next}\n`
      if (parseToml(grown).ok) text = grown
    }
    const body = (ends ? text : text.replace(/\n$/, '')).replaceAll('\n', eol)
    return (bom ? '\uFEFF' : '') + body
  })
const path = fc
  .tuple(fc.array(fc.oneof({ weight: 5, arbitrary: name }, fc.constant(0)), { maxLength: 3 }), name)
  .map(([keys, last]): KeyPath => (keys as (string | number)[]).concat(last))

const valuesOf = (text: string): unknown => {
  const parsed = parseToml(text.replace(/^\uFEFF/, ''))
  if (!parsed.ok) throw new Error(`not TOML: ${parsed.error.message}`)
  return parsed.value.values
}

/** Lines that no edit touches stand whole and in order in the new text. */
function expectLinesKept(before: string, edited: Edited): void {
  const bom = before.startsWith('\uFEFF') ? 1 : 0
  const after = edited.text.slice(bom).split(/(?<=\n)/)
  let offset = bom
  let at = 0
  for (const kept of before.slice(bom).split(/(?<=\n)/)) {
    const [from, to] = [offset, offset + kept.length]
    offset = to
    if (kept === '' || edited.edits.some((edit) => edit.from < to && edit.to > from)) continue
    const last = to === before.length
    const found = after.findIndex(
      (line, i) => i >= at && (line === kept || (last && line.replace(/\r?\n$/, '') === kept)),
    )
    expect(found, `line lost: ${JSON.stringify(kept)}`).toBeGreaterThanOrEqual(0)
    at = found + 1
  }
}

describe('properties', () => {
  it('setValue gives exactly the wanted values and keeps every other line', () => {
    fc.assert(
      fc.property(file, path, input, (text, path, value) => {
        const wanted = withValueAt(valuesOf(text), path, asParsed(value))
        const result = setValue(text, path, value)
        expect(result.ok).toBe(wanted !== undefined)
        if (!result.ok) return
        expect(sameValue(valuesOf(result.value.text), wanted)).toBe(true)
        expect(applyEdits(text, result.value.edits)).toBe(result.value.text)
        expect(result.value.text.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'))
        expect(text.includes('\r\n') && /[^\r]\n/.test(result.value.text)).toBe(false)
        // A table that gives way takes its lines along.
        if (typeof valueAtPath(valuesOf(text), path) !== 'object') expectLinesKept(text, result.value)
      }),
      { numRuns: 300 },
    )
  })

  it('removeValue takes away exactly that', () => {
    fc.assert(
      fc.property(file, path, (text, path) => {
        const wanted = pruned(withoutValueAt(valuesOf(text), path))
        const result = removeValue(text, path)
        if (!result.ok) throw result.error
        expect(sameValue(pruned(valuesOf(result.value.text)), wanted)).toBe(true)
        expectLinesKept(text, result.value)
      }),
      { numRuns: 200 },
    )
  })
})
