// Reference tables in memory: columns with a type each, rows found by equal values, types included.
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ReferTables } from '../environment.ts'
import { Float, deepEqual, floatText, floatToInt, type Value } from '../language/value.ts'
import { parseBool, parseFloat64, parseInt64 } from '../text/go-number.ts'

/** A table as the refer table URL serves it. */
export interface ReferTableDocument {
  readonly table_name: string
  readonly column_name: readonly string[]
  readonly column_type: readonly string[]
  readonly row_data: readonly (readonly unknown[])[]
}

/** A table whose cells have the types of their columns: int, float, bool or string. */
export interface ReferTable {
  readonly name: string
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

interface Indexed {
  readonly table: ReferTable
  /** Where columns stand, by name. */
  readonly columns: ReadonlyMap<string, number>
  /** Rows by the text of their value, a column each, made when first asked. */
  readonly indexes: Map<number, Map<string, number[]>>
}

/** One bad table refuses them all, so that the tables before stay; of two with the same name the first counts. */
export function readReferTables(
  documents: readonly ReferTableDocument[],
): Result<readonly ReferTable[], string> {
  const tables = new Map<string, ReferTable>()
  for (const document of documents) {
    const table = readTable(document)
    if (!table.ok) return table
    if (!tables.has(document.table_name)) tables.set(document.table_name, table.value)
  }
  return ok([...tables.values()])
}

export function createReferTables(documents: readonly ReferTableDocument[]): Result<ReferTables, string> {
  const read = readReferTables(documents)
  if (!read.ok) return read
  const tables = new Map<string, Indexed>()
  for (const table of read.value)
    tables.set(table.name, { table, columns: columnPositions(table.names), indexes: new Map() })
  return ok({
    find(name, columns, values) {
      const indexed = tables.get(name)
      return indexed ? findRow(indexed, columns, values) : undefined
    },
  })
}

/** Of two columns with the same name the last one counts. */
export const columnPositions = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, index) => [name, index]))

function readTable(document: ReferTableDocument): Result<ReferTable, string> {
  const { table_name: name, column_name: names, column_type: types, row_data: data } = document
  if (typeof name !== 'string' || name === '') return err('a table has no name')
  if (names.length !== types.length)
    return err(`table ${name}: ${names.length} columns, ${types.length} types`)
  const rows: Value[][] = []
  for (const [index, row] of data.entries()) {
    if (row.length !== names.length)
      return err(`table ${name}, row ${index}: ${row.length} cells, ${names.length} columns`)
    const cells: Value[] = []
    for (const [column, cell] of row.entries()) {
      const value = cellValue(types[column]!, cell)
      if (value === undefined)
        return err(`table ${name}, row ${index}: ${names[column]} is no ${types[column]}`)
      cells.push(value)
    }
    rows.push(cells)
  }
  return ok({ name, names, types, rows })
}

function cellValue(type: string, cell: unknown): Value {
  const text = typeof cell === 'string' ? cell : undefined
  switch (type) {
    case 'int': {
      if (typeof cell === 'number') return floatToInt(cell)
      const parsed = text === undefined ? undefined : parseInt64(text, 10)
      return parsed?.ok ? parsed.value : undefined
    }
    case 'float': {
      const value = typeof cell === 'number' ? cell : text === undefined ? undefined : parseFloat64(text)
      return value === undefined ? undefined : new Float(value)
    }
    case 'bool':
      return typeof cell === 'boolean' ? cell : text === undefined ? undefined : parseBool(text)
    case 'string':
      return (
        text ??
        (typeof cell === 'number' ? floatText(cell) : typeof cell === 'boolean' ? String(cell) : undefined)
      )
    default:
      return undefined
  }
}

const hashOf = (value: Value): string =>
  value instanceof Float ? `f${value.value}` : `${typeof value}${String(value)}`

function findRow(
  indexed: Indexed,
  columns: readonly string[],
  values: readonly Value[],
): ReadonlyMap<string, Value> | undefined {
  const { table } = indexed
  const positions = columns.map((name) => indexed.columns.get(name))
  if (positions.length === 0 || positions.includes(undefined)) return undefined
  const first = positions[0]!
  let index = indexed.indexes.get(first)
  if (!index) {
    index = new Map()
    for (const [at, row] of table.rows.entries()) {
      const key = hashOf(row[first])
      const rows = index.get(key)
      if (rows) rows.push(at)
      else index.set(key, [at])
    }
    indexed.indexes.set(first, index)
  }
  for (const at of index.get(hashOf(values[0])) ?? []) {
    const row = table.rows[at]!
    if (positions.every((p, i) => deepEqual(row[p!], values[i])))
      return new Map(table.names.map((name, i) => [name, row[i]]))
  }
  return undefined
}
