// The latest object of each class and name, as it arrived.
import { ByteBuffer } from '../point/byte-buffer.ts'
import { Kind, lookup, type Point } from '../point/point.ts'
import type { StoreDatabase } from './database.ts'
import type { StoreLimits } from './limits.ts'

/** Not yet written. */
export interface ObjectRow {
  readonly class: string
  readonly name: string
  /** A fragment of PBPoints. */
  readonly bytes: Uint8Array
}

/** The row of an object; one without a name is its class's only one, as the agent names it. */
export function objectRow(point: Point, bytes: Uint8Array): ObjectRow {
  const name = lookup(point, 'name')
  return {
    class: point.name,
    name: name?.kind === Kind.string ? (name.value as string) : 'default',
    bytes: bytes.slice(),
  }
}

/** Inside a transaction. What arrived last wins, whatever its time says. */
export function writeObject(db: StoreDatabase, row: ObjectRow, received: number): void {
  db.sql(
    `INSERT INTO object (class, name, received, block) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET received = ?3, block = ?4`,
  ).run(row.class, row.name, received, row.bytes)
}

/** Inside a transaction: objects that came no more, and beyond the cap those heard of longest ago. */
export function expireObjects(db: StoreDatabase, limits: StoreLimits, now: number): void {
  db.sql('DELETE FROM object WHERE received < ?').run(now - limits.objectAgeMs)
  db.sql(
    'DELETE FROM object WHERE rowid IN (SELECT rowid FROM object ORDER BY received DESC LIMIT -1 OFFSET ?)',
  ).run(limits.objects)
}

/** Objects of a class by name as one PBPoints message; `held` are rows not in the file yet, oldest first. */
export function readObjects(
  db: StoreDatabase | undefined,
  held: readonly ObjectRow[],
  wanted: string,
): Uint8Array {
  const byName = new Map<string, Uint8Array>()
  const rows = db?.sql('SELECT name, block FROM object WHERE class = ?').all(wanted) ?? []
  for (const row of rows) byName.set(String(row['name']), row['block'] as Uint8Array)
  for (const row of held) if (row.class === wanted) byName.set(row.name, row.bytes)
  const out = new ByteBuffer(4_096)
  for (const [, bytes] of [...byName].sort(([a], [b]) => (a < b ? -1 : 1))) out.append(bytes)
  return out.copy()
}
