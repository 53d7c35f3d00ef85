// Reference tables in SQLite: answers as in memory, for tables that are too large to be in each lane's heap.
//
//   refer_table : name, columns and types (JSON), in the order of their ids
//   t<id>       : a column c<position> each, without type, so that a value stays what it was bound as
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { errorText } from '../../kernel/errors.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ReferTables } from '../environment.ts'
import { Float, intValue, type Value } from '../language/value.ts'
import { columnPositions, readReferTables, type ReferTable, type ReferTableDocument } from './refer-tables.ts'

/** Tables that have to be closed. */
export interface OpenReferTables extends ReferTables {
  close(): void
}

const SCHEMA = 'CREATE TABLE refer_table (id INTEGER PRIMARY KEY, name TEXT, columns TEXT, types TEXT)'
const MAX_STATEMENTS = 256

/** Writes the tables into a database that is empty: `path` of a new file, or `:memory:`. */
export function createReferDatabase(
  path: string,
  documents: readonly ReferTableDocument[],
): Result<OpenReferTables, string> {
  const read = readReferTables(documents)
  if (!read.ok) return read
  return withDatabase(path, false, (db) => {
    // What is half written is thrown away, not recovered.
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN')
    db.exec(SCHEMA)
    for (const [id, table] of read.value.entries()) writeTable(db, id, table)
    db.exec('COMMIT')
  })
}

/** Opens a file that createReferDatabase wrote, to read. */
export function openReferDatabase(path: string): Result<OpenReferTables, string> {
  return withDatabase(path, true, () => {})
}

function withDatabase(
  path: string,
  readOnly: boolean,
  prepare: (db: DatabaseSync) => void,
): Result<OpenReferTables, string> {
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (!sqlite) return err('node:sqlite is missing in this runtime')
  let db: DatabaseSync | undefined
  try {
    db = new sqlite.DatabaseSync(path, { readOnly })
    prepare(db)
    return ok(tablesOf(db))
  } catch (error) {
    db?.close()
    return err(errorText(error))
  }
}

function writeTable(db: DatabaseSync, id: number, { name, names, types, rows }: ReferTable): void {
  db.prepare('INSERT INTO refer_table VALUES (?, ?, ?, ?)').run(
    id,
    name,
    JSON.stringify(names),
    JSON.stringify(types),
  )
  // A table needs one column.
  const columns = names.length === 0 ? ['c0'] : names.map((_, index) => `c${index}`)
  db.exec(`CREATE TABLE t${id} (${columns.join()})`)
  const insert = db.prepare(`INSERT INTO t${id} VALUES (${columns.map(() => '?').join()})`)
  for (const row of rows) insert.run(...row.map((cell) => bound(cell) ?? null))
  for (const column of columns) db.exec(`CREATE INDEX t${id}_${column} ON t${id} (${column})`)
}

interface Stored {
  readonly id: number
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly columns: ReadonlyMap<string, number>
}

function tablesOf(db: DatabaseSync): OpenReferTables {
  const tables = new Map<string, Stored>()
  for (const row of db.prepare('SELECT id, name, columns, types FROM refer_table ORDER BY id').all()) {
    const names = JSON.parse(String(row['columns'])) as string[]
    const types = JSON.parse(String(row['types'])) as string[]
    tables.set(String(row['name']), {
      id: Number(row['id']),
      names,
      types,
      columns: columnPositions(names),
    })
  }
  const statements = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    let known = statements.get(sql)
    if (known) return known
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    known = db.prepare(sql)
    known.setReadBigInts(true)
    statements.set(sql, known)
    return known
  }
  return {
    find(name, columns, values) {
      const table = tables.get(name)
      if (!table || columns.length === 0) return undefined
      const where: string[] = []
      const wanted: SQLInputValue[] = []
      for (const [index, column] of columns.entries()) {
        const position = table.columns.get(column)
        const value = values[index]
        // SQLite finds 1 equal to 1.0; scripts do not.
        if (position === undefined || typeOf(value) !== table.types[position]) return undefined
        where.push(`c${position} = ?`)
        wanted.push(bound(value)!)
      }
      const sql = `SELECT * FROM t${table.id} WHERE ${where.join(' AND ')} ORDER BY rowid LIMIT 1`
      const row = statement(sql).get(...wanted)
      if (!row) return undefined
      return new Map(table.names.map((key, i) => [key, cellOf(table.types[i]!, row[`c${i}`]!)]))
    },
    close: () => db.close(),
  }
}

function typeOf(value: Value): string | undefined {
  if (value instanceof Float) return 'float'
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'string'
    default:
      return undefined
  }
}

/** SQLite has no bool, and its text is UTF-8: what cannot be goes as UTF-16 bytes. */
function bound(value: Value): SQLInputValue | undefined {
  if (value instanceof Float) return value.value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return BigInt(value)
  if (typeof value === 'bigint') return value
  if (typeof value !== 'string') return undefined
  return value.isWellFormed() ? value : Buffer.from(value, 'utf16le')
}

function cellOf(type: string, stored: SQLOutputValue): Value {
  switch (type) {
    case 'int':
      return intValue(stored as bigint)
    case 'bool':
      return stored === 1n
    case 'float':
      // NaN is stored as NULL.
      return new Float(stored === null ? Number.NaN : Number(stored))
    default:
      return typeof stored === 'string' ? stored : Buffer.from(stored as Uint8Array).toString('utf16le')
  }
}
