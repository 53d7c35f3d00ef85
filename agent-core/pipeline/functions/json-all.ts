// json_all: nothing, kept for old scripts.
import { defineFunction } from './define-function.ts'

export const jsonAll = defineFunction({
  name: 'json_all',
  params: [],
  anyArguments: true,
  doc: {
    en: 'Does nothing; old scripts call it. Use json().',
    zh: '不做任何事，仅为兼容旧脚本保留。请使用 json()。',
  },
  examples: [{ script: 'json_all(_)', message: '{"a":1}', expect: { a: null } }],
  check: () => undefined,
  run: () => undefined,
})
