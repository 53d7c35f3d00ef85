// The clipboard, and tables as text that a spreadsheet takes.

/** Cells by tab, rows by newline; a tab or newline inside a cell becomes a space. */
export const tableText = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ').trim()).join('\t')).join('\n')

/** Rejects where the browser refuses (no permission, no focus). */
export const copyText = (text: string): Promise<void> => navigator.clipboard.writeText(text)
