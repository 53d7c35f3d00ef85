// Names that points select scripts by, and what a relation prefers.
import { describe, expect, it } from 'vitest'
import type { Category } from '../../point/category.ts'
import { Kind, keyValue, makePoint } from '../../point/point.ts'
import { EMPTY_CONTEXT, type ScriptContext } from './script.ts'
import { Selection, featureOf } from './selection.ts'

describe('the feature of a RUM point', () => {
  it.each([
    ['an app and a view', 'app', 'view', 'app_view'],
    ['an app without a name', '', 'view', '_view'],
    ['a point without a name', 'app', '', 'app_'],
  ])('%s', (_, app, name, feature) => {
    expect(featureOf('rum', makePoint(name, [keyValue('app_id', Kind.string, app)], 1n))).toBe(feature)
  })

  it('needs a text', () => {
    expect(featureOf('rum', makePoint('view', [keyValue('app_id', Kind.int, 1)], 1n))).toBeUndefined()
    expect(featureOf('rum', makePoint('view', [], 1n))).toBeUndefined()
  })
})

describe('a relation', () => {
  const category: Category = 'logging'
  const choose = (sources: readonly string[], feature: string): string | undefined => {
    const context: ScriptContext = {
      ...EMPTY_CONTEXT,
      scripts: sources.map((source) => ({
        category,
        namespace: 'default',
        name: `${source}.p`,
        source: '',
      })),
      relations: sources.map((source) => ({ category, source, name: `${source}.p` })),
    }
    return new Selection(context, (script) => script.name).choose(category, makePoint(feature, [], 1n))
  }

  it.each([
    [['ab', 'a*'], 'ab', 'ab.p'],
    [['a*', 'ab*'], 'abc', 'ab*.p'],
    [['a*', 'a?'], 'ab', 'a?.p'],
    // A feature that reads like a pattern is found as it stands.
    [['a*', 'a?'], 'a*', 'a*.p'],
    // Length counts characters: three of them are more than two, whatever they take in memory.
    [['*😀', '?z*'], 'az😀', '?z*.p'],
    [['*', '**'], 'x', '*.p'],
    [['?*', '*'], 'x', '?*.p'],
    [['b*'], 'x', undefined],
  ])('%j and %s: %s', (sources, feature, name) => {
    expect(choose(sources, feature)).toBe(name)
  })
})
