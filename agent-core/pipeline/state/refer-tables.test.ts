// Both kinds of SQLite against the tables in memory: the answers have to be the same to the bit and type.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Float, type Value } from '../language/value.ts'
import { openReferTables } from './refer-source.ts'
import { createReferDatabase, openReferDatabase, type OpenReferTables } from './refer-sqlite.ts'
import type { ReferTableDocument } from './refer-tables.ts'

let dir = ''
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'refer-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function opened(result: ReturnType<typeof openReferTables>): OpenReferTables {
  if (!result.ok) throw new Error(result.error)
  return result.value
}

function eachKind(documents: readonly ReferTableDocument[], use: (tables: OpenReferTables[]) => void): void {
  const path = join(dir, 'tables.db')
  rmSync(path, { force: true })
  opened(createReferDatabase(path, documents)).close()
  const tables = [
    opened(openReferTables({ kind: 'memory', stamp: '', documents })),
    opened(openReferTables({ kind: 'sqlite', stamp: '', documents })),
    opened(openReferDatabase(path)),
  ]
  try {
    use(tables)
  } finally {
    for (const table of tables) table.close()
  }
}

/** JSON's numbers are floats unless they are whole. */
const asValue = (cell: unknown): Value =>
  typeof cell === 'number' && !Number.isSafeInteger(cell) ? new Float(cell) : (cell as Value)

const USERS: ReferTableDocument = {
  table_name: 'users',
  column_name: ['uid', 'name', 'score', 'ok'],
  column_type: ['int', 'string', 'float', 'bool'],
  row_data: [
    [1, 'one', 1, true],
    ['9007199254740993', 'large', '2.5', 'false'],
    [1, 'one again', 1.5, true],
  ],
}

describe('reference tables in memory and in SQLite', () => {
  it('find the first row whose values and types are equal', () => {
    eachKind([USERS, { ...USERS, row_data: [] }], (kinds) => {
      for (const { find } of kinds) {
        const first = new Map<string, Value>([
          ['uid', 1],
          ['name', 'one'],
          ['score', new Float(1)],
          ['ok', true],
        ])
        expect(find('users', ['uid'], [1])).toEqual(first)
        expect(find('users', ['uid', 'ok'], [1, true])).toEqual(first)
        expect(find('users', ['score'], [new Float(1)])).toEqual(first)
        expect(find('users', ['uid', 'name'], [1, 'one again'])?.get('score')).toEqual(new Float(1.5))
        expect(find('users', ['uid'], [9007199254740993n])?.get('ok')).toBe(false)
        for (const value of [new Float(1), '1', true, null, 9007199254740992n])
          expect(find('users', ['uid'], [value])).toBeUndefined()
        expect(find('users', ['ok'], [1])).toBeUndefined()
        expect(find('users', ['none'], [1])).toBeUndefined()
        expect(find('users', [], [])).toBeUndefined()
        expect(find('nobody', ['uid'], [1])).toBeUndefined()
      }
    })
  })

  it('give the same answer whatever is asked', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'A', '1', 'a\0b', '\ud800', '😀'), fc.string())
    const cell: Record<string, fc.Arbitrary<unknown>> = {
      int: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String)),
      float: fc.oneof(fc.constantFrom(0, -0, 1, 'NaN', '1e400', '-2.5'), fc.double({ noNaN: true })),
      bool: fc.constantFrom(true, false, 'true', '0'),
      string: text,
    }
    const table = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', 'select', 'x y'), fc.constantFrom(...Object.keys(cell))), {
        minLength: 1,
        maxLength: 4,
      })
      .chain((columns) =>
        fc.record({
          table_name: fc.constantFrom('t', 'refer_table'),
          column_name: fc.constant(columns.map(([name]) => name)),
          column_type: fc.constant(columns.map(([, type]) => type)),
          row_data: fc.array(fc.tuple(...columns.map(([, type]) => cell[type]!)), { maxLength: 6 }),
        }),
      )
    const asked: fc.Arbitrary<Value> = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(new Float(0), new Float(1), new Float(-2.5), new Float(Number.NaN), null, true, false),
      text,
    )
    fc.assert(
      fc.property(fc.array(table, { maxLength: 2 }), fc.array(asked, { maxLength: 2 }), (documents, also) => {
        expect(differences(documents, also)).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  /** Asks each column, alone and with each other one, for every cell it has and for what else is given. */
  function differences(documents: readonly ReferTableDocument[], also: readonly Value[]): unknown[] {
    const readable = openReferTables({ kind: 'memory', stamp: '', documents })
    const refused = openReferTables({ kind: 'sqlite', stamp: '', documents })
    if (!readable.ok || !refused.ok) return isDeepStrictEqual(readable, refused) ? [] : [readable, refused]
    refused.value.close()
    const found: unknown[] = []
    eachKind(documents, ([memory, ...others]) => {
      for (const { table_name: name, column_name: names, row_data: rows } of documents)
        for (const [index, column] of names.entries())
          for (const value of [...rows.map((row) => asValue(row[index])), ...also])
            for (const other of names) {
              const columns = other === column ? [column] : [column, other]
              const values = columns.map((_, i) => (i === 0 ? value : (also[0] ?? value)))
              const wanted = memory!.find(name, columns, values)
              for (const kind of others)
                if (!isDeepStrictEqual(kind.find(name, columns, values), wanted))
                  found.push({ name, columns, values, wanted })
            }
    })
    return found
  }

  it('are refused whole when one of them is bad, with the table and the row', () => {
    const bad = { ...USERS, table_name: 'bad', row_data: [['x', 'one', 1, true]] }
    for (const kind of ['memory', 'sqlite'] as const)
      expect(openReferTables({ kind, stamp: '', documents: [USERS, bad] })).toEqual({
        ok: false,
        error: 'table bad, row 0: uid is no int',
      })
    expect(openReferDatabase(join(dir, 'missing.db')).ok).toBe(false)
  })
})
