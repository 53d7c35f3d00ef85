// Blacklists: a point that matches a rule of its category is dropped. Rules come from [io.filters] or from DataWay.
import { diagnostic, type Diagnostic, type Label } from '../../kernel/diagnostic.ts'
import type { Category } from '../../point/category.ts'
import type { Point } from '../../point/point.ts'
import { compileRule, type Test } from './compile.ts'
import { parseRules } from './parser.ts'

export interface Filters {
  /** The rule that drops a point: its number among the `{}` blocks of the category, from 0. */
  readonly filter: (category: Category, point: Point) => { readonly rule: number } | undefined
  /** What is wrong with which rule. `path` is the category and the index of the text, as in `logging[0]`. */
  readonly diagnostics: readonly Diagnostic[]
  /** True when a rule of the category runs a user's regular expression: it belongs into a lane. */
  readonly usesRegExp: (category: Category) => boolean
  /** Rules in force. */
  readonly count: (category: Category) => number
}

/** Rule texts by category; a text holds one or more `{}` blocks joined by `;`. */
export type FilterRules = Readonly<Partial<Record<Category, readonly string[]>>>

/** What filters are compiled from: goes to lanes. */
export interface FilterSource extends FilterOptions {
  readonly rules: FilterRules
}

export interface FilterOptions {
  /** Categories whose rules with a regular expression are left out: one of them took too long. */
  readonly withoutRegExp?: ReadonlySet<Category>
}

/**
 * Compiles rules. A text with a syntax error is off, by itself, with a FILTER_SYNTAX error; a regular expression that
 * RE2 refuses is left out of its condition, with a warning.
 */
export function compileFilters(rules: FilterRules, options: FilterOptions = {}): Filters {
  const diagnostics: Diagnostic[] = []
  const tests = new Map<Category, readonly Test[]>()
  const withRegExp = new Set<Category>()
  for (const [category, texts] of Object.entries(rules) as [Category, readonly string[]][]) {
    const compiled = texts.flatMap((text, index) => {
      const path = `${category}[${index}]`
      const blocks = parseRules(text)
      if ('message' in blocks) {
        const label = labelOf(text, blocks.from, blocks.to, 'here')
        diagnostics.push(diagnostic('FILTER_SYNTAX', blocks.message, { path, labels: [label] }))
        return []
      }
      let regExp = false
      const notes = {
        usesRegExp: () => void (regExp = true),
        refused: (token: { from: number; to: number }, why: string) =>
          void diagnostics.push(refusal(text, token, why, path)),
      }
      return blocks.flatMap((block) => {
        regExp = false
        const test = compileRule(block, category, notes)
        if (regExp && options.withoutRegExp?.has(category)) return []
        if (regExp) withRegExp.add(category)
        return [test]
      })
    })
    tests.set(category, compiled)
  }
  return {
    filter: (category, point) => {
      const list = tests.get(category)
      const rule = list ? list.findIndex((test) => test(point)) : -1
      return rule < 0 ? undefined : { rule }
    },
    diagnostics,
    usesRegExp: (category) => withRegExp.has(category),
    count: (category) => tests.get(category)?.length ?? 0,
  }
}

function refusal(text: string, token: { from: number; to: number }, why: string, path: string): Diagnostic {
  return diagnostic('FILTER_SYNTAX', `regular expression refused: ${why}`, {
    severity: 'warning',
    path,
    labels: [labelOf(text, token.from, token.to, 'left out')],
    notes: ['Write it in RE2 syntax; the rest of the rule is in force.'],
  })
}

function labelOf(source: string, from: number, to: number, text: string): Label {
  const before = source.slice(0, from)
  const line = before.split('\n').length
  return { from, to, line, column: from - before.lastIndexOf('\n'), text }
}
