// add_pattern: a grok pattern for the rest of the block.
import { expandGrok } from '../grok/grok.ts'
import { defineFunction } from './define-function.ts'

export const addPattern = defineFunction({
  name: 'add_pattern',
  params: [
    { name: 'name', kind: 'literal' },
    { name: 'pattern', kind: 'literal' },
  ],
  doc: {
    en: 'Names a grok pattern for the rest of this block; it may refer to patterns known here.',
    zh: '为本代码块的后续部分定义一个 grok 模式；可引用已知模式。',
  },
  examples: [
    {
      script: 'add_pattern("ver", "\\\\d+(\\\\.\\\\d+)*")\ngrok(_, "v%{ver:version}")',
      message: 'v1.20.3',
      expect: { version: '1.20.3' },
    },
  ],
  check(call) {
    const name = call.string(0, 'call')!
    const pattern = call.string(1)!
    const { get, add } = call.compiler.patterns
    // Its references are resolved here and now; whether the expression is valid shows when a grok uses it.
    const expanded = expandGrok(pattern, (inner) => (inner === name ? undefined : get(inner)))
    if (!expanded.ok) return call.fail(expanded.error)
    add(name, expanded.value)
    return undefined
  },
  run: () => undefined,
})
