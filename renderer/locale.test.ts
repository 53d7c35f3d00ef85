// The locale files: both languages say the same things, every text that is asked for exists, none stands in a template.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'
import en from '../resources/locale/en.json'
import zh from '../resources/locale/zh.json'

type Texts = { readonly [key: string]: string | Texts }

function flatten(texts: Texts, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flatten(value, `${prefix}${key}.`)],
    ),
  )
}
const english = flatten(en)
const chinese = flatten(zh)
const parameters = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort()

const root = import.meta.dirname
const sources = globSync('**/*.{vue,ts}', { cwd: root })
  .filter((file) => !/\.test\.ts$|^dev\/|^testing\//.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
const components = sources.filter(({ file }) => file.endsWith('.vue'))

describe('the locale files', () => {
  it('have the same keys with the same parameters', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort())
    for (const [key, text] of english)
      expect([key, parameters(chinese.get(key)!)]).toEqual([key, parameters(text)])
  })

  it('leave nothing empty', () => {
    expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('are translated', () => {
    const sameOnPurpose =
      /^(app|key|unit|reason\.script|settings\.(languages|runtime)|charts\.(panel\.cpu|process\.(pid|cpu)))/
    const same = [...english].filter(
      ([key, text]) => /[a-z]{4}/.test(text) && chinese.get(key) === text && !sameOnPurpose.test(key),
    )
    expect(same.map(([key]) => key)).toEqual(['dataway.placeholder'])
  })
})

describe('texts that the sources ask for', () => {
  const literal = /\b(?:t|te)\(\s*'([\w.]+)'/g
  const chosen = /\b(?:told|failed)\(\s*'([\w.]+)'/g
  const all = (pattern: RegExp): string[] =>
    sources.flatMap(({ text }) => [...text.matchAll(pattern)].flatMap((found) => found.slice(1)))

  it('exist', () => {
    const keys = [...all(literal), ...all(chosen)]
    expect(keys.length).toBeGreaterThan(100)
    expect(keys.filter((key) => !english.has(key))).toEqual([])
  })

  it('are all there is: no text is left over', () => {
    const quoted = new Set(all(/'([\w.]+)'/g))
    const prefixes = all(/`([\w.]+\.)\$\{/g)
    const unused = [...english.keys()].filter(
      (key) => !quoted.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
    )
    expect(unused).toEqual([])
  })
})

describe('templates', () => {
  /** Attributes that people read or hear. */
  const READ = new Set([
    'title',
    'alt',
    'placeholder',
    'label',
    'aria-label',
    'aria-description',
    'aria-roledescription',
  ])
  /** Signs are no language. */
  const isText = (text: string): boolean => /\p{L}/u.test(text)

  /** What is looked at of the template's tree: kinds are the compiler's own numbers. */
  interface Node {
    readonly type: number
    readonly content?: unknown
    readonly children?: readonly Node[]
    readonly props?: readonly {
      readonly type: number
      readonly name: string
      readonly value?: { readonly content: string }
    }[]
  }
  const [TEXT, ATTRIBUTE] = [2, 6]

  function literals(node: Node): string[] {
    if (node.type === TEXT && typeof node.content === 'string')
      return isText(node.content) ? [node.content.trim()] : []
    const attributes = (node.props ?? [])
      .filter(({ type, name, value }) => type === ATTRIBUTE && READ.has(name) && isText(value?.content ?? ''))
      .map(({ name, value }) => `${name}="${value?.content}"`)
    return [...attributes, ...(node.children ?? []).flatMap(literals)]
  }

  it('hold no words of their own', () => {
    const found = components.flatMap(({ file, text }) =>
      ((parse(text).descriptor.template?.ast?.children ?? []) as unknown as Node[])
        .flatMap(literals)
        .map((word) => `${file}: ${word}`),
    )
    expect(found).toEqual([])
    const sample = '<template><p title="Hi">{{ a }}<b v-if="c">word</b> – 5</p></template>'
    expect(
      ((parse(sample).descriptor.template?.ast?.children ?? []) as unknown as Node[]).flatMap(literals),
    ).toEqual(['title="Hi"', 'word'])
  })

  it('hold no style and no raw HTML, which the content security policy refuses', () => {
    const bad = components.filter(({ text }) => /\sstyle="|v-html/.test(text.replaceAll(/\s:style="/g, '')))
    expect(bad.map(({ file }) => file)).toEqual([])
  })
})
