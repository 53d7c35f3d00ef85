// IPC arguments: structured clone first, as Electron does, then only what both hops of the harness carry unchanged.

/** Throws for what structured clone refuses (functions, proxies) and for Map, Set and class instances. */
export function carried(args: readonly unknown[]): unknown[] {
  const copy = structuredClone([...args])
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (value instanceof Date || value instanceof Error || ArrayBuffer.isView(value)) return
    const kind = Object.prototype.toString.call(value)
    if (kind !== '[object Object]' && kind !== '[object Array]')
      throw new Error(`electron double: IPC does not carry ${kind}`)
    for (const item of Object.values(value)) visit(item)
  }
  visit(copy)
  return copy
}
