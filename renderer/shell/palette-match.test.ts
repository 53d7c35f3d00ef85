import { expect, it } from 'vitest'
import { match } from './palette-match.ts'

const lit = (label: string, typed: string): string | undefined =>
  match(label, typed)
    ?.map((part) => (part.lit ? `[${part.text}]` : part.text))
    .join('')

it.each([
  ['Restart cpu', '', 'Restart cpu'],
  ['Restart cpu', 'cpu', 'Restart [cpu]'],
  ['Restart cpu', 'CPU rest', '[Rest]art [cpu]'],
  ['Restart cpu', ' re ', '[Re]start cpu'],
  ['重新加载配置', '加载', '重新[加载]配置'],
  ['Restart cpu', 'cpx', undefined],
])('%j with %j typed shows %j', (label, typed, shown) => {
  expect(lit(label, typed)).toBe(shown)
})
