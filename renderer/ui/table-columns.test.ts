import { describe, expect, it } from 'vitest'
import { nextSort, sortRows, type Column } from './table-columns.ts'

interface Row {
  readonly name: string
  readonly cost: number | null
}
const name: Column<Row> = { key: 'name', title: 'Name', sortBy: (row) => row.name, text: (row) => row.name }
const cost: Column<Row> = {
  key: 'cost',
  title: 'Cost',
  align: 'num',
  sortBy: (row) => row.cost,
  text: String,
}
const still: Column<Row> = { key: 'still', title: 'Still', text: String }
const columns = [name, cost, still]
const rows: Row[] = [
  { name: 'net10', cost: 2 },
  { name: 'net9', cost: null },
  { name: 'cpu', cost: 10 },
]
const names = (sorted: readonly Row[]): string[] => sorted.map((row) => row.name)

describe('sorting', () => {
  it('keeps the given order without a sort or a way to sort', () => {
    expect(sortRows(rows, columns, undefined)).toBe(rows)
    expect(sortRows(rows, columns, { key: 'still', direction: 'ascending' })).toBe(rows)
  })

  it('orders names as people count', () => {
    expect(names(sortRows(rows, columns, { key: 'name', direction: 'ascending' }))).toEqual([
      'cpu',
      'net9',
      'net10',
    ])
  })

  it('leaves what does not apply at the end in both directions', () => {
    expect(names(sortRows(rows, columns, { key: 'cost', direction: 'ascending' }))).toEqual([
      'net10',
      'cpu',
      'net9',
    ])
    expect(names(sortRows(rows, columns, { key: 'cost', direction: 'descending' }))).toEqual([
      'cpu',
      'net10',
      'net9',
    ])
  })

  it('goes through both directions and back to the given order', () => {
    const first = nextSort(undefined, cost)
    const second = nextSort(first, cost)
    expect([first?.direction, second?.direction, nextSort(second, cost)]).toEqual([
      'descending',
      'ascending',
      undefined,
    ])
    expect(nextSort(first, name)).toEqual({ key: 'name', direction: 'ascending' })
  })
})
