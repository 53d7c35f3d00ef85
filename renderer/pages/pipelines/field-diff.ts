// What a script did to a point: one row a key, the changes first, with the lines that touched it.
import type { PointView, TraceStepView, TypedValue } from '../../../agent-core/contract/index.ts'
import { sameValue } from './typed-text.ts'

export type Change = 'added' | 'changed' | 'type' | 'removed' | 'same'

export interface Side {
  readonly tag: boolean
  readonly value: TypedValue
}

export interface DiffRow {
  /** `(name)` and `(time)` are the point's own. */
  readonly key: string
  readonly change: Change
  readonly before: Side | undefined
  readonly after: Side | undefined
  /** Lines of the script that changed the key, in order of the run, each once. */
  readonly lines: readonly number[]
}

const RANK: Readonly<Record<Change, number>> = { added: 0, changed: 1, type: 1, removed: 2, same: 3 }

export function diffPoints(
  before: PointView,
  after: PointView,
  steps: readonly TraceStepView[] = [],
): DiffRow[] {
  const old = sidesOf(before)
  const now = sidesOf(after)
  const lines = linesOf(steps)
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((key): DiffRow => {
      const a = old.get(key)
      const b = now.get(key)
      return { key, change: changeOf(a, b), before: a, after: b, lines: lines.get(key) ?? [] }
    })
    .filter(({ key, change }) => !(key.startsWith('(') && change === 'same'))
    .toSorted((a, b) => RANK[a.change] - RANK[b.change] || order(a.key, b.key))
}

/** A key that became a tag, or another type, is a change of type even if it reads the same. */
export function changeOf(before: Side | undefined, after: Side | undefined): Change {
  if (!before) return 'added'
  if (!after) return 'removed'
  if (before.tag !== after.tag || before.value.kind !== after.value.kind) return 'type'
  return sameValue(before.value, after.value) ? 'same' : 'changed'
}

export const typeName = ({ tag, value }: Side): string => (tag ? 'tag' : value.kind)

function sidesOf(point: PointView): Map<string, Side> {
  const sides = new Map<string, Side>([
    ['(name)', { tag: false, value: { kind: 'str', text: point.name } }],
    ['(time)', { tag: false, value: { kind: 'int', text: point.time } }],
  ])
  for (const { key, tag, value } of point.keys) sides.set(key, { tag, value })
  return sides
}

function linesOf(steps: readonly TraceStepView[]): Map<string, number[]> {
  const lines = new Map<string, number[]>()
  for (const { line, changes } of steps)
    for (const { key } of changes) {
      const known = lines.get(key) ?? []
      if (!known.includes(line)) lines.set(key, [...known, line])
    }
  return lines
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface DiffCount {
  readonly added: number
  readonly changed: number
  readonly removed: number
}

export function countChanges(rows: readonly DiffRow[]): DiffCount {
  const of = (...changes: Change[]): number => rows.filter(({ change }) => changes.includes(change)).length
  return { added: of('added'), changed: of('changed', 'type'), removed: of('removed') }
}
