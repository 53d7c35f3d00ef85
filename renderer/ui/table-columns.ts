// What a table knows about its columns, and how rows are ordered by one.

export interface Column<T> {
  readonly key: string
  readonly title: string
  /** Explains a short title. */
  readonly hint?: string
  readonly align?: 'text' | 'num'
  /** px; the one column without a width takes what is left. */
  readonly width?: number
  readonly rowHeader?: boolean
  /** Ascending; null sorts last whatever the direction. Without it the column does not sort. */
  readonly sortBy?: (row: T) => number | string | null
  /** The cell as plain text: for copying and for what is cut. */
  readonly text: (row: T) => string
}

export interface Sort {
  readonly key: string
  readonly direction: 'ascending' | 'descending'
}

/** Figures start with the largest, names with A; the third click returns to the given order. */
export function nextSort<T>(sort: Sort | undefined, column: Column<T>): Sort | undefined {
  const first = column.align === 'num' ? 'descending' : 'ascending'
  if (sort?.key !== column.key) return { key: column.key, direction: first }
  if (sort.direction !== first) return undefined
  return { key: column.key, direction: first === 'ascending' ? 'descending' : 'ascending' }
}

export function sortRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sort: Sort | undefined,
): readonly T[] {
  const sortBy = columns.find(({ key }) => key === sort?.key)?.sortBy
  if (!sort || !sortBy) return rows
  const sign = sort.direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => {
    const [x, y] = [sortBy(a), sortBy(b)]
    if (x === null || y === null) return Number(x === null) - Number(y === null)
    return (
      sign *
      (typeof x === 'string' ? x.localeCompare(String(y), undefined, { numeric: true }) : x - Number(y))
    )
  })
}
