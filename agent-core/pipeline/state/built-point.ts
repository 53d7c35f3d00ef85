// A point that a script makes, by create_point or by an aggregation, as its category wants it.
import { checkPoint, checkRules } from '../../point/check.ts'
import type { Category } from '../../point/category.ts'
import { keyValue, Kind, makePoint, type KeyValue, type Point } from '../../point/point.ts'

/** Keys that a category keeps for itself. */
const REMOVED: Partial<Record<Category, readonly string[]>> = {
  logging: ['source', 'date'],
  dialtesting: ['source', 'date'],
  object: ['class', 'date'],
  custom_object: ['class', 'date'],
}

/** What the category asks for is put right here: the limits and the rules of keys and values remain. */
const REST = checkRules('network')

/** Of a key that occurs twice the last value counts, but a tag stays. */
export function builtPoint(category: Category, name: string, given: Iterable<KeyValue>, time: bigint): Point {
  const point = makePoint(name, [], time)
  const removed = new Set(REMOVED[category])
  for (const kv of given) {
    const key = category === 'metric' ? kv.key : kv.key.replaceAll('.', '_')
    if (removed.has(key) || (category === 'metric' && kv.kind === Kind.string && !kv.isTag)) continue
    const own = key === kv.key ? kv : { ...kv, key }
    const at = point.kvs.findIndex((x) => x.key === key)
    if (at < 0) point.kvs.push(own)
    else if (!point.kvs[at]!.isTag) point.kvs[at] = own
  }
  const has = (key: string): boolean => point.kvs.some((kv) => kv.key === key)
  if ((category === 'logging' || category === 'dialtesting') && !has('status'))
    point.kvs.push(keyValue('status', Kind.string, 'info'))
  if ((category === 'object' || category === 'custom_object') && !has('name'))
    point.kvs.push(keyValue('name', Kind.string, 'default'))
  checkPoint(point, REST)
  return point
}
