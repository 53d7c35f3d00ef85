// agg_metric: a value into a bucket.
import { AGGREGATES, type Aggregate } from '../state/aggregation.ts'
import { createdCategory } from '../state/created-category.ts'
import { MISSING } from '../language/point-view.ts'
import { Float, type Value } from '../language/value.ts'
import { parseFloat64 } from '../text/go-number.ts'
import { defineFunction } from './define-function.ts'

export const aggMetric = defineFunction({
  name: 'agg_metric',
  params: [
    { name: 'bucket', kind: 'literal' },
    { name: 'new_field', kind: 'literal' },
    { name: 'agg_fn', kind: 'literal' },
    { name: 'agg_by', kind: 'literal' },
    { name: 'agg_field', kind: 'literal' },
    { name: 'category', kind: 'value', default: '"M"' },
  ],
  named: true,
  doc: {
    en: 'Adds the number in a key to a bucket by avg, sum, min, max or set, grouped by tags that must all be present.',
    zh: '将键的数值按 avg、sum、min、max 或 set 汇入聚合桶，按标签分组（标签必须齐全）。',
  },
  examples: [
    {
      script: 'agg_create("b")\nagg_metric("b", "s", "sum", ["host"], "v")\nadd_key(a, 1)',
      expect: { a: 1 },
    },
  ],
  check(call) {
    const [bucket, field, kind] = [call.string(0)!, call.string(1)!, call.string(2)!]
    const by = call.args[3]!
    if (by.type !== 'ListLiteral') return call.fail(`param \`agg_by\` expect ListInitExpr, got ${by.type}`, 3)
    if (by.items.length === 0) call.fail('size of param `agg_by` is 0', 3)
    const names = by.items.map((e) =>
      e.type === 'StringLiteral'
        ? (e.value as string)
        : call.fail(`param \`agg_by\` expect StringLiteral, got ${e.type}`, e),
    )
    return {
      bucket,
      field,
      kind,
      by: names.map((name) => call.keyOf(name)),
      source: call.keyOf(call.string(4)!),
      category: call.has(5) ? call.value(5) : () => 'M',
      fail: () => call.fail('type of parameter expected to be str', 5),
    }
  },
  run(frame, p) {
    const name = p.category(frame)
    if (typeof name !== 'string') return p.fail()
    const category = createdCategory(name)
    const buckets = frame.session.state?.aggregation
    if (!category || !buckets || !AGGREGATES.has(p.kind)) return undefined
    const tags = new Map<string, string>()
    for (const key of p.by) {
      const found = key.read(frame)
      if (typeof found !== 'string') return undefined
      tags.set(key.name, found)
    }
    const value = p.source.read(frame)
    if (value === MISSING) return undefined
    buckets.add(category, p.bucket, tags, p.field, p.kind as Aggregate, number(value))
    return undefined
  },
})

function number(value: Value): number {
  if (value instanceof Float) return value.value
  if (typeof value === 'string') return parseFloat64(value) ?? 0
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? Number(value)
    : 0
}
