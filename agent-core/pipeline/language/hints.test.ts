import { describe, expect, it } from 'vitest'
import { compileScript } from './compile.ts'
import { scriptHints } from './hints.ts'

const hints = (text: string): string[] =>
  scriptHints('a.p', text).map((d) => `${d.labels[0]!.line}: ${d.message}`)

describe('hints', () => {
  it.each([
    ['usage = 100.1', ['1: usage is a variable that nothing reads: it never reaches the point']],
    ['x = 1\nadd_key(x)', []],
    ['x = 1\nadd_key("x")', []],
    ['m = {}\nm["a"] = 1\nadd_key(m)', []],
    ['x = drop_key(y)\nadd_key(x)', ['1: drop_key returns nothing: the variable will be nil']],
    ['a.b = 1', ['1: only variables and their elements can be assigned: this stores nothing']],
    ['if true {\n  cast(v, "string")\n}', ['2: cast to "string" leaves the key without a value: use "str"']],
    ['kv_split(_)', ['1: kv_split writes only the keys listed in include_keys']],
    ['kv_split(_, include_keys=["a"])', []],
    ['grok(_, "%{INT}")', ['1: this pattern names no key: grok writes nothing']],
    ['grok(_, "%{COMMONAPACHELOG}")', []],
    [
      'create_point("a", nil, {"text": "x"})',
      ['1: create_point makes a metric, which keeps no text fields: name another category'],
    ],
    ['create_point("a", nil, {"text": "x"}, category="L")', []],
    ['create_point("a", nil, {"n": 1})', []],
    ['x = [1 2]', []],
  ])('%j', (text, wanted) => {
    expect(hints(text)).toEqual(wanted)
  })

  it('come with a fix that compiles', () => {
    const text = 'if true {\n  big = true\n}\nused = 1\nadd_key(used)\n'
    const [hint] = scriptHints('a.p', text)
    expect(hint!.labels[0]).toMatchObject({ line: 2, column: 3 })
    const [edit] = hint!.fixes[0]!.edits
    expect(text.slice(0, edit!.from) + edit!.insert + text.slice(edit!.to)).toBe(
      'if true {\n  add_key(big, true)\n}\nused = 1\nadd_key(used)\n',
    )
  })
})

describe('a mistyped name', () => {
  const fixed = (source: string): string | undefined => {
    const edit = compileScript({ name: 'a.p', source }).diagnostics[0]!.fixes[0]?.edits[0]
    return edit && source.slice(0, edit.from) + edit.insert + source.slice(edit.to)
  }
  it.each([
    ['x = 1\n  castt(x, "int")', 'x = 1\n  cast(x, "int")'],
    ['nothing_like_it(x)', undefined],
    ['grok(_, "%{WORD:a} %{NUMBR:b}")', 'grok(_, "%{WORD:a} %{NUMBER:b}")'],
    ['if true {', undefined],
  ])('%j becomes %j', (source, wanted) => expect(fixed(source)).toBe(wanted))
})
