// agg_create: an aggregation bucket.
import { parseGoDuration } from '../text/go-number.ts'
import { createdCategory } from '../state/created-category.ts'
import { defineFunction } from './define-function.ts'

export const aggCreate = defineFunction({
  name: 'agg_create',
  params: [
    { name: 'bucket', kind: 'literal' },
    { name: 'on_interval', kind: 'literal', default: '"60s"' },
    { name: 'on_count', kind: 'literal', default: '0' },
    { name: 'keep_value', kind: 'literal', default: 'false' },
    { name: 'const_tags', kind: 'value', default: 'nil' },
    { name: 'category', kind: 'value', default: '"M"' },
  ],
  named: true,
  doc: {
    en: 'Creates a bucket for agg_metric, given out every interval or every so many values. Later calls for it are ignored.',
    zh: '为 agg_metric 创建聚合桶，按时间间隔或数量输出。同名桶的后续创建会被忽略。',
  },
  examples: [{ script: 'agg_create("http", on_interval="10s")\nadd_key(a, 1)', expect: { a: 1 } }],
  check(call) {
    const name = call.string(0)!
    const interval = call.has(1) ? parseGoDuration(call.string(1)!) : 60_000_000_000n
    if (interval === undefined) return call.fail(`parse on_interval: time: invalid duration`, 1)
    const count = Number(call.literal(2, ['IntLiteral']) ?? 0)
    if (interval <= 0n && count <= 0)
      call.fail('param `on_interval` and `on_count` cannot be less than or equal to 0 at the same time', 0)
    return {
      name,
      intervalMs: Number(interval) / 1e6,
      count,
      keepValue: call.bool(3) ?? false,
      tags: call.value(4),
      category: call.has(5) ? call.value(5) : () => 'M',
      fail: () => call.fail('type of parameter expected to be str', 5),
    }
  },
  run(frame, { name, intervalMs, count, keepValue, tags, category, fail }) {
    const kind = category(frame)
    if (typeof kind !== 'string') return fail()
    const target = createdCategory(kind)
    const buckets = frame.session.state?.aggregation
    if (!target || !buckets || buckets.has(target, name)) return undefined
    const given = tags(frame)
    const entries =
      given instanceof Map ? [...given].filter((e): e is [string, string] => typeof e[1] === 'string') : []
    buckets.create({ category: target, name, intervalMs, count, keepValue, tags: new Map(entries) })
    return undefined
  },
})
