// JSON for `message` fields: keys in order, 64-bit integers exact.

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** JSON.stringify that writes a bigint as a number of all its digits. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? rawJSON(item.toString()) : item,
  )
}

/** The same object with its keys in ascending order and without undefined values. */
export function sortedKeys(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
