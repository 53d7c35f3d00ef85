import { describe, expect, it } from 'vitest'
import type { ScriptRef } from '../../contract/pipelines.ts'
import type { Category } from '../../point/category.ts'
import { keyValue, Kind, makePoint } from '../../point/point.ts'
import { EMPTY_CONTEXT, type ScriptContext } from '../../pipeline/scripts/script.ts'
import { getsPoint, sourcesOf } from './reach.ts'

const relation = (source: string, name: string) => ({ category: 'logging' as const, source, name })
const log = (source: string) => makePoint(source, [keyValue('message', Kind.string, 'x')], 1n)

describe('sources of a script', () => {
  const of = (name: string, ...relations: ReturnType<typeof relation>[]) =>
    sourcesOf({ category: 'logging', name }, relations)
  it.each([
    ['its own name', of('nginx.p'), ['nginx']],
    ['relations too', of('nginx.p', relation('front-*', 'nginx.p')), ['nginx', 'front-*']],
    ['a name given to another', of('nginx.p', relation('nginx', 'web.p')), []],
    ['a name under the pattern of another', of('nginx.p', relation('ng*', 'web.p')), []],
    ['each once', of('nginx.p', relation('nginx', 'nginx.p')), ['nginx']],
    [
      'relations of other categories do not count',
      sourcesOf({ category: 'metric', name: 'nginx.p' }, [relation('nginx', 'web.p')]),
      ['nginx'],
    ],
  ])('%s', (_what, found, wanted) => expect(found).toEqual(wanted))
})

describe('the points of a script', () => {
  const script = (name: string, namespace: ScriptRef['namespace'] = 'default'): ScriptRef => ({
    category: 'logging',
    namespace,
    name,
  })
  const context = (rest: Partial<ScriptContext>): ScriptContext => ({ ...EMPTY_CONTEXT, ...rest })
  const known = (name: string, category: Category = 'logging') => ({
    category,
    namespace: 'remote' as const,
    name,
    source: '',
  })
  it('are those of its name, also before it is saved', () => {
    const gets = getsPoint(script('shop.p'), EMPTY_CONTEXT)
    expect([gets(log('shop')), gets(log('other'))]).toEqual([true, false])
  })
  it('are not those that a higher namespace takes', () => {
    const gets = getsPoint(script('shop.p'), context({ scripts: [known('shop.p')] }))
    expect(gets(log('shop'))).toBe(false)
  })
  it('are what is left for the default script', () => {
    const gets = getsPoint(
      script('rest.p'),
      context({ scripts: [known('shop.p')], defaults: { logging: 'rest.p' } }),
    )
    expect([gets(log('any')), gets(log('shop'))]).toEqual([true, false])
  })
  it('are those of its relations, even while it is suspended', () => {
    const rules = { relations: [relation('front-*', 'shop.p')], suspended: ['default/logging/shop.p'] }
    expect(getsPoint(script('shop.p'), context(rules))(log('front-1'))).toBe(true)
  })
})
