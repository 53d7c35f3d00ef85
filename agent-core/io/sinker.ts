// Sinker: points grouped by the string keys that a DataWay routes by; the group goes into the header X-Global-Tags
// (spec points-io-http.md section 2.4).
import type { Category } from '../point/category.ts'
import { Kind, type Point } from '../point/point.ts'

/** Pseudo-key that holds the point's name. */
const NAME_KEY: Partial<Record<Category, string>> = {
  metric: 'measurement',
  network: 'source',
  keyevent: 'source',
  object: 'class',
  object_change: 'source',
  custom_object: 'class',
  logging: 'source',
  rum: 'source',
  dialtesting: 'source',
}

/** Groups in order of first appearance; the key is the header's value, '' = no header. */
export function groupBySinker(
  category: Category,
  points: readonly Point[],
  keys: ReadonlySet<string>,
): Map<string, Point[]> {
  const groups = new Map<string, Point[]>()
  for (const point of points) {
    const header = sinkerHeader(category, point, keys)
    const group = groups.get(header)
    if (group) group.push(point)
    else groups.set(header, [point])
  }
  return groups
}

function sinkerHeader(category: Category, point: Point, keys: ReadonlySet<string>): string {
  const pairs: string[] = []
  for (const kv of point.kvs)
    if (kv.kind === Kind.string && keys.has(kv.key)) pairs.push(`${kv.key}=${String(kv.value)}`)
  const nameKey = NAME_KEY[category]
  if (nameKey && keys.has(nameKey)) pairs.push(`${nameKey}=${point.name}`)
  if (keys.has('category')) pairs.push(`category=${category}`)
  return pairs.join(',')
}
