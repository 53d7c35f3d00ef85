// @vitest-environment happy-dom
// The editor's words: what is offered where, what lies under the cursor, how problems and tokens fall on the text.
import { ensureSyntaxTree } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import type { DiagnosticView, FunctionDoc } from '../../../../agent-core/contract/index.ts'
import { grokAt, offersAt, quote, wordAt, type Vocabulary } from './completion.ts'
import { functionDocElement } from './function-doc.ts'
import { pipelineLanguage } from './language.ts'
import { fixAt, problemsOf } from './problems.ts'

const cast: FunctionDoc = {
  name: 'cast',
  signature: 'cast(key, type)',
  params: [
    { name: 'key', kind: 'key' },
    { name: 'type', kind: 'literal' },
  ],
  named: false,
  returns: null,
  doc: { en: 'Converts.', zh: '转换。' },
  examples: [{ script: 'cast(code, "int")', message: 'x', expect: { code: '404', gone: null } }],
}
const drop: FunctionDoc = { ...cast, name: 'drop', signature: 'drop()', params: [] }
const words: Vocabulary = { functions: [cast, drop], patterns: [{ name: 'IP', pattern: '%{IPV4}' }] }

/** `|` is the cursor. */
function offers(marked: string, explicit = false, keys: readonly string[] = []) {
  const at = marked.indexOf('|')
  return offersAt(marked.replace('|', ''), at, keys, words, explicit)
}

describe('completion', () => {
  it('offers functions with their arguments', () => {
    const found = offers('ca|')!
    expect(found.from).toBe(0)
    expect(found.offers.find(({ label }) => label === 'cast')).toMatchObject({
      detail: '(key, type)',
      insert: 'cast(${})',
    })
    expect(found.offers.find(({ label }) => label === 'drop')!.insert).toBe('drop()')
  })
  it('offers keys of the sample, captures, variables and keywords', () => {
    const found = offers('grok(_, "%{INT:code:int}")\nx = 1\nc|', false, ['host'])!
    const labels = found.offers.map(({ label, kind }) => `${kind} ${label}`)
    for (const expected of ['key host', 'key code', 'variable x', 'keyword elif'])
      expect(labels).toContain(expected)
  })
  it('does not offer the word that is being typed as a variable of its own', () =>
    expect(offers('co| = 1')!.offers.filter(({ label }) => label === 'co')).toEqual([]))
  it('offers patterns inside a pattern only', () => {
    expect(offers('grok(_, "%{I|')!.offers.map(({ label }) => label)).toEqual(['IP'])
    expect(offers('grok(_, "ca|')).toBeUndefined()
  })
  it('keeps out of comments, strings and empty places', () => {
    expect(offers('# ca|')).toBeUndefined()
    expect(offers('add_key(a, "it\'s # ca|')).toBeUndefined()
    expect(offers('add_key(a, "b") |')).toBeUndefined()
    expect(offers('add_key(a, "b") |', true)).toBeDefined()
  })
})

it('finds the word under the mouse', () => {
  expect(wordAt('cast(code)', 2)).toEqual({ from: 0, to: 4, word: 'cast' })
  expect(wordAt('a + b', 2)).toBeUndefined()
})

it('takes the grok pattern of the line the cursor is in, unescaped, else the first, and writes it back', () => {
  const text = 'drop()\ngrok(_, "%{INT:a}")\ngrok(_, "\\\\[%{INT:a}\\\\]")\ncast(a, "int")'
  const found = grokAt(text, 30)!
  expect(found.pattern).toBe('\\[%{INT:a}\\]')
  expect(text.slice(found.from, found.to)).toBe(quote(found.pattern))
  expect(grokAt(text, 2)?.pattern).toBe('%{INT:a}')
  expect(grokAt('drop()', 2)).toBeUndefined()
})

describe('problems', () => {
  const at = (from: number, to: number, rest: Partial<DiagnosticView> = {}): DiagnosticView => ({
    code: 'PIPELINE_CHECK',
    severity: 'error',
    message: 'm',
    labels: [{ from, to, line: 2, column: 1, text: '' }],
    notes: [],
    fixes: [],
    ...rest,
  })
  it('lie inside the text, in its order', () => {
    const found = problemsOf([at(90, 95), at(3, 5), { ...at(0, 0), labels: [] }], 10)
    expect(found.map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [3, 5],
      [10, 10],
    ])
  })
  it('have the fix of the place before the fix of the line', () => {
    const fix = (title: string) => [{ title, edits: [] }]
    const found = problemsOf([at(0, 2, { fixes: fix('line') }), at(5, 8, { fixes: fix('here') })], 10)
    expect(fixAt(found, 6, 2)?.title).toBe('here')
    expect(fixAt(found, 4, 2)?.title).toBe('line')
    expect(fixAt(found, 4, 1)).toBeUndefined()
  })
})

describe('the language', () => {
  function tokens(doc: string): string[] {
    const state = EditorState.create({ doc, extensions: pipelineLanguage() })
    const found: string[] = []
    ensureSyntaxTree(state, doc.length, 5000)!.iterate({
      enter: ({ name, from, to }) => {
        if (name !== 'Document') found.push(`${name} ${doc.slice(from, to)}`)
      },
    })
    return found
  }
  it('colours what the lexer knows', () => {
    const found = tokens('IF a { # c\n  drop()\n}\nx = 0x1f + "a\\"b"').join('\n')
    expect(found).toContain('keyword IF')
    expect(found).toMatch(/comment # c/)
    expect(found).toMatch(/function.* drop|drop/)
    expect(found).toContain('number 0x1f')
    expect(found).toContain('string "a\\"b"')
  })
  it('ends a raw string at its own quotes, over lines', () => {
    const found = tokens('x = """a\n\'b" if\n"""\nif')
    expect(found.filter((token) => token.startsWith('keyword'))).toEqual(['keyword if'])
  })
})

it("shows a function's documentation in the language of the console", () => {
  const text = (language: string) => functionDocElement(cast, language).textContent
  expect(text('zh')).toContain('转换。')
  expect(text('en')).toContain('→ code = 404, gone = nil')
})
