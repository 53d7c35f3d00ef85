// What the store's tests share: a folder that goes away, points as collectors make them, an engine without its thread.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Kind, keyValue, makePoint, tag, type Point } from '../point/point.ts'
import type { Category } from '../point/category.ts'
import { encodePoints } from '../point/protobuf.ts'
import { StoreEngine } from './engine.ts'
import { DEFAULT_LIMITS, type StoreLimits } from './limits.ts'
import type { EncodedFeed } from './messages.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** A window's start, so that tests can count slots and windows from it. */
export const T0 = Date.UTC(2026, 0, 1)

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'datakit-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n

export function metric(
  name: string,
  tags: Record<string, string>,
  fields: Record<string, number>,
  ms: number,
): Point {
  const kvs = [
    ...Object.entries(tags).map(([key, value]) => tag(key, value)),
    ...Object.entries(fields).map(([key, value]) => keyValue(key, Kind.float, value)),
  ]
  return makePoint(name, kvs, ns(ms))
}

export function logLine(message: string, ms: number): Point {
  return makePoint(
    'nginx',
    [
      tag('service', 'web'),
      keyValue('message', Kind.string, message),
      keyValue('status', Kind.string, 'info'),
    ],
    ns(ms),
  )
}

export function object(className: string, name: string, ms: number, extra = 0): Point {
  return makePoint(className, [tag('name', name), keyValue('n', Kind.int, extra)], ns(ms))
}

export function feed(category: Category, source: string, points: readonly Point[]): EncodedFeed {
  return { category, source, count: points.length, bytes: encodePoints(points).slice() }
}

export function openEngine(path: string, limits: Partial<StoreLimits> = {}): StoreEngine {
  const engine = new StoreEngine({ path, limits: { ...DEFAULT_LIMITS, ...limits } })
  onTestFinished(() => engine.close())
  return engine
}
