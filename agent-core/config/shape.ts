// What a valibot schema expects, seen from a TOML file: the loader walks it to find unknown keys, to parse ENV_* text by
// type, and to name what it wanted.
import type { GenericSchema } from 'valibot'

export type Shape =
  | { readonly kind: 'table'; readonly entries: ReadonlyMap<string, GenericSchema>; readonly open: boolean }
  | { readonly kind: 'map'; readonly value: GenericSchema }
  | { readonly kind: 'list'; readonly item: GenericSchema }
  | { readonly kind: 'int' | 'float' | 'bool' | 'string' | 'duration' | 'any' }

interface Node {
  readonly type: string
  readonly wrapped?: GenericSchema
  readonly entries?: Readonly<Record<string, GenericSchema>>
  readonly item?: GenericSchema
  readonly value?: GenericSchema
  readonly options?: readonly unknown[]
  readonly pipe?: readonly { readonly type: string; readonly metadata?: Readonly<Record<string, unknown>> }[]
}

export function shapeOf(schema: GenericSchema): Shape {
  const node = schema as unknown as Node
  if (node.wrapped) return shapeOf(node.wrapped)
  if (pieceOf(node, 'kind') === 'duration') return { kind: 'duration' }
  switch (node.type) {
    case 'object':
    case 'strict_object':
    case 'loose_object':
    case 'object_with_rest':
      return {
        kind: 'table',
        entries: new Map(Object.entries(node.entries ?? {})),
        open: node.type === 'loose_object' || node.type === 'object_with_rest',
      }
    case 'record':
      return { kind: 'map', value: node.value! }
    case 'array':
      return { kind: 'list', item: node.item! }
    case 'number':
      return { kind: isInteger(node) ? 'int' : 'float' }
    case 'bigint':
      return { kind: 'int' }
    case 'boolean':
      return { kind: 'bool' }
    case 'string':
      return { kind: 'string' }
    case 'picklist':
    case 'literal':
      return { kind: scalarOf(node) }
    default:
      return { kind: 'any' }
  }
}

const isInteger = (node: Node): boolean =>
  node.pipe?.some((action) => action.type === 'integer' || action.type === 'safe_integer') ?? false

const scalarOf = (node: Node): 'string' | 'any' =>
  node.options?.every((option) => typeof option === 'string') ? 'string' : 'any'

function pieceOf(node: Node, key: string): unknown {
  return node.pipe?.find((action) => action.type === 'metadata')?.metadata?.[key]
}

const KIND_TEXT: Readonly<Record<Shape['kind'], string>> = {
  table: 'a table',
  map: 'a table',
  list: 'a list',
  int: 'an integer',
  float: 'a number',
  bool: 'true or false',
  string: 'a text',
  duration: 'a duration such as "10s"',
  any: 'another value',
}

/** In words: `an integer`, `a list of texts`. */
export function expectedText(schema: GenericSchema): string {
  const node = schema as unknown as Node
  if (node.wrapped) return expectedText(node.wrapped)
  const named = pieceOf(node, 'expects')
  if (typeof named === 'string') return named
  const shape = shapeOf(schema)
  if (node.type === 'picklist' && node.options)
    return `one of ${node.options.map((o) => JSON.stringify(o)).join(', ')}`
  if (shape.kind === 'list' && shapeOf(shape.item).kind === 'string') return 'a list of texts'
  return KIND_TEXT[shape.kind]
}

/** What a TOML value is, in words; never the value. */
export function kindText(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  switch (typeof value) {
    case 'bigint':
      return BigInt.asIntN(54, value) === value ? 'an integer' : 'an integer beyond 2^53'
    case 'number':
      return 'a number with a fraction'
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'a text'
    default:
      return 'a table'
  }
}

/** The schema at a key path, as far as it can be followed. */
export function schemaAt(
  schema: GenericSchema,
  path: readonly (string | number)[],
): GenericSchema | undefined {
  let at: GenericSchema | undefined = schema
  for (const key of path) {
    if (!at) return undefined
    const shape = shapeOf(at)
    if (shape.kind === 'table') at = shape.entries.get(String(key))
    else if (shape.kind === 'map') at = shape.value
    else if (shape.kind === 'list') at = shape.item
    else return undefined
  }
  return at
}
