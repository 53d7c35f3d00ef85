// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest'
import { mountConsole, type MountedConsole } from '../testing/mount-console.ts'
import DataTable from './DataTable.vue'
import type { Column } from './table-columns.ts'

interface Row {
  readonly id: string
  readonly points: number
}
const columns: Column<Row>[] = [
  { key: 'id', title: 'Name', width: 100, rowHeader: true, sortBy: (row) => row.id, text: (row) => row.id },
  {
    key: 'points',
    title: 'Points',
    align: 'num',
    width: 80,
    sortBy: (row) => row.points,
    text: (row) => String(row.points),
  },
  { key: 'note', title: 'Note', text: (row) => `about\t${row.id}` },
]
const rowsOf = (count: number): Row[] =>
  Array.from({ length: count }, (_, n) => ({ id: `r${n}`, points: (n * 7) % 10 }))

const mountTable = (rows: Row[]): Promise<MountedConsole> =>
  mountConsole(DataTable, { props: { rows, columns, rowKey: (row: Row) => row.id, label: 'Rows' } })
const names = ({ wrapper }: MountedConsole): string[] =>
  wrapper.findAll('tbody th').map((cell) => cell.text())

describe('the table', () => {
  it('sorts by its headers and says how', async () => {
    const table = await mountTable(rowsOf(4))
    const header = (): ReturnType<typeof table.wrapper.find> => table.wrapper.find('th[data-column="points"]')
    expect(names(table)).toEqual(['r0', 'r1', 'r2', 'r3'])
    await header().find('button').trigger('click')
    expect([names(table), header().attributes('aria-sort')]).toEqual([
      ['r1', 'r2', 'r3', 'r0'].sort((a, b) => points(b) - points(a)),
      'descending',
    ])
    await header().find('button').trigger('click')
    expect(header().attributes('aria-sort')).toBe('ascending')
    await header().find('button').trigger('click')
    expect([names(table), header().attributes('aria-sort')]).toEqual([['r0', 'r1', 'r2', 'r3'], undefined])
    expect(table.wrapper.find('th[data-column="note"] button').exists()).toBe(false)
  })

  it('walks and selects by keyboard, with one row in the tab order', async () => {
    const table = await mountTable(rowsOf(3))
    const row = (n: number): ReturnType<typeof table.wrapper.find> => table.wrapper.findAll('tbody tr')[n]!
    expect(table.wrapper.findAll('tbody tr').map((one) => one.attributes('tabindex'))).toEqual([
      '0',
      '-1',
      '-1',
    ])
    await row(0).trigger('keydown', { key: 'ArrowDown' })
    await table.settle()
    expect(document.activeElement).toBe(row(1).element)
    expect(row(1).attributes('aria-selected')).toBe('true')
    await row(1).trigger('keydown', { key: 'End' })
    await table.settle()
    expect(table.wrapper.emitted('update:selected')?.at(-1)).toEqual(['r2'])
    await row(2).trigger('keydown', { key: 'ArrowDown' })
    expect(table.wrapper.emitted('update:selected')?.at(-1)).toEqual(['r2'])
  })

  it('resizes a column by keyboard, never to nothing', async () => {
    const table = await mountTable(rowsOf(1))
    const button = table.wrapper.find('th[data-column="points"] button')
    const width = (): string | undefined => table.wrapper.findAll('col')[1]?.attributes('style')
    await button.trigger('keydown', { key: 'ArrowRight', altKey: true })
    expect(width()).toContain('96px')
    for (let n = 0; n < 10; n++) await button.trigger('keydown', { key: 'ArrowLeft', altKey: true })
    expect(width()).toContain('48px')
  })

  it('gives itself as text with headers, a tab inside a cell made a space', async () => {
    const { wrapper } = await mountTable(rowsOf(2))
    const text = (wrapper.vm as unknown as { asText(): string }).asText()
    expect(text).toBe('Name\tPoints\tNote\nr0\t0\tabout r0\nr1\t7\tabout r1')
  })

  it('keeps only the visible rows past 200, and tells how many there are', async () => {
    const few = await mountTable(rowsOf(200))
    expect(few.wrapper.findAll('tbody tr').length).toBe(200)
    // A page without layout has no sizes: the scroller is given one.
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(560)
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800)
    const many = await mountTable(rowsOf(5000))
    const shown = many.wrapper.findAll('tbody tr[data-index]').length
    expect(shown).toBeGreaterThan(10)
    expect(shown).toBeLessThan(100)
    expect(many.wrapper.find('table').attributes('aria-rowcount')).toBe('5001')
    expect(many.wrapper.find('tbody tr:last-child td').attributes('style')).toMatch(/height: \d{6}px/)
  })
})

const points = (id: string): number => (Number(id.slice(1)) * 7) % 10
