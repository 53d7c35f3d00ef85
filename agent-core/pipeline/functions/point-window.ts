// point_window: registers a context window.
import { MISSING } from '../language/point-view.ts'
import { defineFunction } from './define-function.ts'

/** The tags of a stream where none are given. */
const STREAM = ['filepath', 'host']

export const pointWindow = defineFunction({
  name: 'point_window',
  params: [
    { name: 'before', kind: 'value' },
    { name: 'after', kind: 'value' },
    { name: 'stream_tags', kind: 'value', default: '["filepath","host"]' },
  ],
  named: true,
  doc: {
    en: 'Keeps the last dropped points of a stream, named by its tags, so that window_hit can let them and those that follow through.',
    zh: '按标签区分数据流，保留最近被丢弃的点，window_hit 命中时放行它们及后续的点。',
  },
  examples: [{ script: 'point_window(8, 8)\nadd_key(a, 1)', expect: { a: 1 } }],
  check: (call) => ({
    before: call.value(0),
    after: call.value(1),
    tags: call.has(2) ? call.value(2) : () => [],
    fail: (index: number) =>
      call.fail(index < 2 ? 'param data type expect int' : 'param data type expect array', index),
  }),
  run(frame, { before, after, tags, fail }) {
    const size = before(frame)
    const open = after(frame)
    if (typeof size !== 'number') return fail(0)
    if (typeof open !== 'number') return fail(1)
    const names = tags(frame)
    if (!Array.isArray(names)) return fail(2)
    const given = names.filter((n) => typeof n === 'string')
    const values = (given.length > 0 ? given : STREAM).map((n) => frame.view.readName(n))
    if (values.some((v) => v === MISSING || typeof v !== 'string')) return undefined
    const stream = JSON.stringify(values)
    frame.session.state?.windows.register(stream, size, open)
    frame.session.window = stream
    return undefined
  },
})
